load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	t=$EMU_ROOT/tests/emu-spawn/terminal
	fake=$EMU_BUILD/tests/emu-spawn/fake
	guest="$fake say=booting keys exit=3"
	# Runs before and after; the terminal shall be the same.
	state='{ stty -g; sed -n "s/^flags:[[:space:]]*//p" /proc/self/fdinfo/0 /proc/self/fdinfo/2; } 2>&1 0<&8 2>&8'
	around="exec 8<>/dev/tty; $state >before; %s; status=\$?; $state >after; exit \$status"
}

# user COMMAND ACTION...: the terminal is afterwards as it was.
user() {
	local command
	# shellcheck disable=SC2059 # a format
	command=$(printf "$around" "$1")
	shift
	run timeout 60 "$t" "$command" "$@" 3>&-
	cmp before after
	[ -s before ]
}

@test "every key goes to the guest, and nothing is echoed twice" {
	user "emu-spawn $guest" wait:booting 'send:a\x03\x1a\x04\x1c\x11\x13q'
	[ "$status" -eq 3 ] || { echo "$output"; false; }
	[[ $output = *'<a><^C><^Z><^D><^\><^Q><^S><q>'* ]]
}

@test "~. leaves, ~~ is a tilde, elsewhere a tilde is one, ~? helps" {
	user "emu-spawn -o record $guest" wait:booting 'send:~~' 'wait:<~>' 'send:a~.' 'wait:<a><~><.>' \
		'send:\r~' 'send:x' 'wait:<~><x>' 'send:\r~?' wait:leave 'send:~.'
	[ "$status" -eq 123 ] || { echo "$output"; false; }
	[[ $output = *'emu-spawn: left by ~.'* ]]
	jq -e '.cause == "reader"' record
	user "emu-spawn -r $guest" wait:booting 'send:~.'
	[ "$status" -eq 0 ]
}

@test "the terminal is as it was after every end" {
	user 'emu-spawn true'
	user 'emu-spawn nonesuch || true'
	user 'emu-spawn -t 0.2 sleep 60'
	user 'emu-spawn sh -c "echo up; sleep 60"' wait:up 'sh:pkill -TERM -f "^emu-spawn sh -c echo up; sleep 60"'
	user 'emu-spawn -l /dev/full sh -c "echo up; sleep 60"'
}

@test "the terminal is as it was after a SIGKILL and a crash" {
	outside_valgrind
	for s in KILL SEGV; do
		user "emu-spawn sh -c 'echo up$$; sleep 60'; sleep 0.5" "wait:up$$" \
			"sh:kill -$s \$(pgrep -f '^emu-spawn sh -c echo up$$' | head -n 1)"
	done
}

@test "the window's size is passed on, and followed" {
	user "sleep 0.2; emu-spawn $guest" size:11,22 wait:booting send:w 'wait:11 22' size:33,44 \
		'sh:sleep 0.2' send:w 'wait:33 44' send:q
	[ "$status" -eq 3 ] || { echo "$output"; false; }
}

@test "~^Z suspends, and the guest is there when it goes on" {
	user "set -m; emu-spawn $guest; echo stopped; fg >/dev/null" wait:booting 'send:~\x1a' wait:stopped \
		'sh:sleep 0.2' send:b 'wait:<b>' send:q
	[ "$status" -eq 3 ] || { echo "$output"; false; }
}

@test "words from stdin leave the keyboard to the guest" {
	printf '%s\0' "$fake" say=booting keys exit=3 >words
	user 'emu-spawn <words' wait:booting send:aq
	[ "$status" -eq 3 ] || { echo "$output"; false; }
	[[ $output = *'<a><q>'* ]]
	# Not when stdout is no terminal.
	user 'emu-spawn -t 0.5 <words | cat' 'send:q'
	[[ $output != *'<q>'* ]]
}

@test "in the background the terminal is left alone" {
	user "set -m; emu-spawn -t 0.5 $guest & wait \$!" wait:booting send:a
	[ "$status" -eq 124 ] || { echo "$output"; false; }
	[[ $output != *'<a>'* ]]
}

@test "a terminal that hangs up ends the machine" {
	timeout 60 "$t" "emu-spawn -o record sh -c 'echo up; sleep 60'" wait:up hang 3>&- || true
	wait_until jq -e '.cause == "signal" or .cause == "reader"' record
}
