load ../lib

# refused LINE WHY: the line, in the middle of a test, is refused.
refused() {
	printf '%s\n' "$1" 'true' '}' >t.bats
	expect_error 1 "t.bats:1: $2" python3 "$EMU_ROOT/tests/tools/lint/bats.py" t.bats
}

accepted() {
	printf '%s\n' "$@" >t.bats
	run -0 python3 "$EMU_ROOT/tests/tools/lint/bats.py" t.bats
	[ -z "$output" ]
}

setup() {
	need python3
	cd "$BATS_TEST_TMPDIR"
}

@test "lint refuses a command after ! in a test" {
	refused '	! grep -q x err' '! cannot fail: write run !'
	refused '	[ "$a" = b ] || ! grep -q x err' 'the last ! cannot fail'
	refused '	[ -s a ] && ! grep -q x err' 'the last ! cannot fail'
}

@test "lint refuses && in the middle of a test" {
	local why='what stands before && cannot fail: write two lines'
	refused '	[ -s a ] && [ -s b ]' "$why"
	refused '	[[ $a = b ]] && [ -s b ]' "$why"
	refused '	jq . a >b && mv b a' "$why"
	refused '	{ echo a && echo b; } >c' "$why"
}

@test "lint refuses to poll a constant" {
	local poll='	wait_until' # lint reads this file, too
	local why='wait_until polls a constant: write a function'
	refused "$poll"' [ -n "$(pgrep x)" ]' "$why"
	refused "$poll"' ! grep x y' "$why"
}

@test "lint accepts what can fail" {
	accepted '	run ! grep -q x err' '	[ -s a ] || { cat b; false; }' true
	accepted '	if [ -s a ] && ! cmp a b; then' '	true' '	fi'
	accepted '	(cd a && make)' '	[[ $a = b && $c = d ]]' '	[ "$(cd a && pwd)" = b ]' true
	accepted 'f() {' '	[ -s a ] && [ -s b ]' '}'
	accepted '	wait_until [ -s got ]' '	wait_until pgrep -f "sleep $n"' true
	accepted "	sh -c 'a && b'" '	cat <<END' '! no test' 'END' true
}
