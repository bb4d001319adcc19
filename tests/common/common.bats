load ../lib

# What every filter says of input that is no document, the same way.
filters="emu-argv emu-stage emu-fvm-extend"

refused() { # INPUT MESSAGE
	local f
	for f in $filters; do
		EMU_SCRATCH=$BATS_TEST_TMPDIR expect_error 1 "$f: $2" \
			sh -c 'printf "$1" | "$2"' - "$1" "$f"
	done
}

@test "an empty document is refused" {
	refused '' '<stdin>: empty'
	refused ' \n\t' '<stdin>: empty'
}

@test "what is not JSON is refused with line and column" {
	refused '{"cpu": tru}' "<stdin>:1:9: invalid token near 'tru'"
	refused '{"cpu": 1,\n "memory" 2}' "<stdin>:2:11: ':' expected near '2'"
	refused '{"cpu": 1} x' "<stdin>:1:12: end of file expected near 'x'"
	refused '{"cpu": 01}' "<stdin>:1:9: invalid token near '0'"
	refused '{"cpu": 1' "<stdin>:1:10: '}' expected near end of file"
}

@test "a message shows the number that the user wrote" {
	refused '{"a": 1.5 2.5}' "<stdin>:1:11: '}' expected near '2.5'"
	refused '{"a": 1e3,\n 1E5 : 3}' "<stdin>:2:2: string or '}' expected near '1E5'"
}

@test "a number that 64 bits do not hold is refused" {
	refused '{"a": 9223372036854775808}' "<stdin>:1:7: too big integer near '9223372036854775808'"
	refused '{"a": -9223372036854775809}' "<stdin>:1:7: too big negative integer near '-9223372036854775809'"
	refused '{"a": 1e400}' "<stdin>:1:7: real number overflow near '1e400'"
}

@test "JSON that is not an object is refused" {
	refused '3' '<stdin>: expected an object'
	refused '"a"' '<stdin>: expected an object'
	refused '[3]' '<stdin>: expected an object'
}

@test "an array of several machines asks for one" {
	refused '[{}, {}]' "<stdin>: an array of 2 elements: pick one with jq '.[0]'"
	refused '[]' "<stdin>: an empty array"
}

@test "duplicate keys are refused" {
	refused '{"cpu": 1, "memory": 2, "cpu": 3}' '<stdin>:1:25: duplicate key "cpu"'
}

@test "a NUL, in a string or beside, is refused" {
	refused '{"args": ["a\\u0000b"]}' '<stdin>:1:11: a NUL in a string'
	refused '{"cpu": 1\000}' '<stdin>:1:10: a NUL byte'
}

@test "deep nesting is refused" {
	refused "$(printf '[%.0s' $(seq 100))" '<stdin>:1:65: nested too deeply'
}

@test "100,000 keys are refused" {
	for f in $filters; do
		EMU_SCRATCH=$BATS_TEST_TMPDIR run --separate-stderr sh -c \
			'{ printf {; seq -f "\"k%.0f\":1," 100000; echo "\"z\":1}"; } | "$1"' - "$f"
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		[[ $stderr = "$f: <stdin>:65536:"*": too many values" ]] || { echo "$stderr"; false; }
	done
}

@test "a document of 100 MB is refused before it is held" {
	for f in $filters; do
		EMU_SCRATCH=$BATS_TEST_TMPDIR expect_error 1 \
			"$f: <stdin>: larger than 16777216 bytes" \
			sh -c '{ printf "{\"a\":\""; head -c 100000000 /dev/zero | tr "\0" x; } | "$1"' - "$f"
	done
}

@test "bytes that are not UTF-8 are refused" {
	refused '{"a": "\377"}' "<stdin>:1:7: unable to decode byte 0xff near '\"'"
	refused '{"a": "\\ud800"}' "<stdin>:1:7: invalid Unicode '\\uD800' near '\"\\ud800\"'"
}

@test "images: wrong types are refused by name" {
	g='"guest": "none", "target": "x64"'
	refused "{$g, \"images\": 3}" '<stdin>: images: expected an array'
	refused "{$g, \"images\": [3]}" '<stdin>: images[0]: expected an object'
	refused "{$g, \"images\": [{\"type\": \"kernel\"}]}" '<stdin>: images[0].name: missing'
	refused "{$g, \"images\": [{\"name\": \"k\"}]}" '<stdin>: images[0].type: missing'
	refused "{$g, \"images\": [{\"name\": 3, \"type\": \"kernel\"}]}" \
		'<stdin>: images[0].name: expected a string'
	refused "{$g, \"images\": [{\"name\": \"a/b\", \"type\": \"kernel\"}]}" \
		'<stdin>: images[0].name: "a/b" has a slash'
	refused "{$g, \"images\": [{\"name\": \"\", \"type\": \"kernel\"}]}" \
		'<stdin>: images[0].name: "" is empty'
	long=$(printf %0300d 0)
	refused "{$g, \"images\": [{\"name\": \"$long\", \"type\": \"kernel\"}]}" \
		"<stdin>: images[0].name: \"$long\" is too long for a file name"
	refused "{$g, \"images\": [{\"name\": \"a\", \"type\": \"kernel\", \"cpu\": 5}]}" \
		'<stdin>: images[0].cpu: expected a string'
	refused '{"guest": "none", "target": 5, "images": []}' '<stdin>: target: expected a string'
}

@test "an image that is used and named twice is refused" {
	refused '{"target": "x64", "images": [{"name": "zircon-a", "type": "zbi"},
		{"name": "zircon-a", "type": "zbi"}]}' \
		'<stdin>: images[1]: zbi_zircon-a comes twice'
}

@test "a document that cannot be opened or read is named" {
	for f in $filters; do
		EMU_SCRATCH=$BATS_TEST_TMPDIR expect_error 1 \
			"$f: nowhere.json: No such file or directory" "$f" nowhere.json
		EMU_SCRATCH=$BATS_TEST_TMPDIR expect_error 1 "$f: /: Is a directory" "$f" /
	done
}

@test "a message shows the characters that the user wrote" {
	refused '{"a": 1, "\303\274": 2, "\303\274": 3}' '<stdin>:1:19: duplicate key "ü"'
}

@test "integers, order and unknown values pass through filters as they were" {
	in='{"x-a": 0.5, "b": [9223372036854775807, -9223372036854775808, -1.5, 5, null, ""], "guest": "none", "target": "x64"}'
	for f in emu-stage emu-fvm-extend; do
		run --separate-stderr sh -c 'printf %s "$1" | EMU_SCRATCH=$2 "$3"' - \
			"$in" "$BATS_TEST_TMPDIR" "$f"
		[ "$status" -eq 0 ] || { echo "$stderr"; false; }
		[ "$(tr -d ' \n' <<<"$output")" = "$(tr -d ' \n' <<<"$in")" ] ||
			{ echo "$f: $output"; false; }
	done
}

@test "a full or closed stdout is an error of every filter" {
	doc='{"guest": "none", "target": "x64", "images": []}'
	for f in emu-stage emu-fvm-extend emu-argv; do
		run sh -c 'printf %s "$1" | EMU_SCRATCH=$2 "$3" 2>&1 >/dev/full' - \
			"$doc" "$BATS_TEST_TMPDIR" "$f"
		[ "$status" -eq 1 ]
		[ "$output" = "$f: <stdout>: No space left on device" ]
		run sh -c 'printf %s "$1" | EMU_SCRATCH=$2 "$3" 2>&1 >&-' - \
			"$doc" "$BATS_TEST_TMPDIR" "$f"
		[ "$status" -eq 1 ]
		[ "$output" = "$f: <stdout>: Bad file descriptor" ]
	done
}

@test "a message that nobody takes is given up, and holds nobody up" {
	mkfifo "$BATS_TEST_TMPDIR/full"
	exec 7<>"$BATS_TEST_TMPDIR/full"
	head -c 65536 /dev/zero >&7
	for c in "$EMU_BUILD"/emu-*; do
		[[ $c != *.* && "$(head -c 2 "$c")" != '#!' ]] || continue
		status=0
		timeout 20 "$c" -Z <&- >/dev/null 2>&7 || status=$?
		[ "$status" -ne 124 ] || { echo "$c waits"; false; }
		[ "$status" -ne 0 ]
	done
	# One message after the other is not waited for.
	mkdir -m 700 "$BATS_TEST_TMPDIR/out"
	jq -n '{guest: "none", images: [range(100) | {name: "\(.)", type: "blk", path: "/dev/null"}]}' |
		sed "s|/dev/null|$0|" >"$BATS_TEST_TMPDIR/doc.json"
	timeout 60 emu-stage -v -d "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/doc.json" >/dev/null 2>&7
	exec 7>&-
}
