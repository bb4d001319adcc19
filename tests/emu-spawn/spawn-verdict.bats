load ../lib

# The emulator here is bash: it says on descriptor 3 what QEMU would.
setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	cat >qmp <<-'X'
		say() { printf '%s\r\n' "$@" >&3; }
		hear() { IFS= read -r -t 20 line <&3; }
		event() { say "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"$1\", \"data\": {$2}}"; }
		status() { say "{\"return\": {\"running\": false, \"singlestep\": false, \"status\": \"$1\"}}"; }
		say '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}'
		hear
		say '{"return": {}}'
		hear
		status "${state:-running}"
		[[ ${*: -1} != -S ]] || hear
		trap 'hear; exit 0' TERM
		. ./script
		exit "${exit:-0}"
	X
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

has() {
	jq -e "$@" record >/dev/null || { jq . record; false; }
}

# verdict STATUS CAUSE SCRIPT [ARG...]: the emulator does SCRIPT.
verdict() {
	local want=$1 cause=$2
	printf '%s\n' "$3" >script
	shift 3
	run --separate-stderr "-$want" timeout 60 emu-spawn -C . -o record "$@" -- bash ./qmp -chardev socket,id=qmp0,fd=3
	has ".status == $want and .cause == \"$cause\""
}

@test "the first decisive event wins" {
	verdict 120 panic 'event GUEST_PANICKED "\"action\": \"poweroff\""
		event SHUTDOWN "\"guest\": true, \"reason\": \"guest-shutdown\""'
	has '.qmp.event == "GUEST_PANICKED" and .exit == 0'
	[ "$stderr" = 'emu-spawn: the guest panicked' ]
	verdict 121 reset 'event SHUTDOWN "\"guest\": true, \"reason\": \"guest-reset\""
		event SHUTDOWN "\"guest\": false, \"reason\": \"host-signal\""
		event GUEST_PANICKED "\"action\": \"poweroff\""'
	has '.qmp.data.reason == "guest-reset"'
	# A panic is one also behind a power-off.
	verdict 120 panic 'event SHUTDOWN "\"guest\": true, \"reason\": \"guest-shutdown\""
		event GUEST_PANICKED "\"action\": \"poweroff\""'
	has '.qmp.event == "GUEST_PANICKED"'
	verdict 120 panic 'event SHUTDOWN "\"guest\": true, \"reason\": \"guest-panic\""'
}

@test "a reset of a machine that may reset decides nothing" {
	verdict 0 exit 'event RESET "\"guest\": true, \"reason\": \"guest-reset\""
		event RESUME; event BLOCK_JOB_READY; event STOP; hear; status paused'
	has '.qmp == null'
	# Not even with -R, when somebody outside does it.
	verdict 0 exit 'event RESET "\"guest\": false, \"reason\": \"host-qmp-system-reset\""' -R 1
	verdict 121 reset 'event RESET "\"guest\": true, \"reason\": \"guest-reset\""; hear; exit=0' -R 1
	verdict 3 exit 'event RESET "\"guest\": true, \"reason\": \"guest-reset\""; exit=3'
}

@test "a guest stopped by an error of the host is told at once" {
	verdict 125 error 'event STOP; hear; status internal-error; hear; say "$line"; sleep 0.1'
	[ "$stderr" = 'emu-spawn: the emulator stopped the guest: internal-error' ]
	has '.qmp.return.status == "internal-error"'
	verdict 125 error 'event STOP; hear; status io-error; hear'
	verdict 125 error 'event SHUTDOWN "\"guest\": false, \"reason\": \"host-error\""'
	[ "$stderr" = 'emu-spawn: the emulator shut down: host-error' ]
	verdict 120 panic 'event STOP; hear; status guest-panicked; hear'
	verdict 0 exit 'event SHUTDOWN "\"guest\": true, \"reason\": \"guest-shutdown\""
		event STOP; hear; status shutdown; hear'
}

@test "a watchdog that ends the guest is a panic, one that resets it is not" {
	verdict 120 panic 'event WATCHDOG "\"action\": \"poweroff\""
		event SHUTDOWN "\"guest\": false, \"reason\": \"guest-shutdown\""'
	verdict 0 exit 'event WATCHDOG "\"action\": \"reset\""'
	verdict 120 panic 'event STOP; hear; status watchdog; hear'
	[ "$stderr" = "emu-spawn: the guest's watchdog fired" ]
}

@test "a panic whose guest runs on is ended after the grace" {
	verdict 120 panic 'event GUEST_PANICKED "\"action\": \"run\""; hear; [ "$line" = "{\"execute\":\"quit\"}"$'\''\r'\'' ] || exit 7' -k 0.4
	has '.exit == 0'
}

@test "a panic whose crash kernel is at work is left to it" {
	verdict 120 panic 'event GUEST_CRASHLOADED "\"action\": \"run\""; sleep 0.5; echo dumped' -k 0.2
	[ "$output" = dumped ]
}

@test "a guest that did not run by QMP has not run, whatever was written and is a success" {
	export state=prelaunch
	for end in exit=0 exit=1 'echo starting; exit=1' 'kill -9 $$'; do
		verdict 125 start "$end" -x 0 -x 1
	done
	verdict 125 start 'exit=0'
	[ "$stderr" = 'emu-spawn: bash: ended before the guest ran' ]
	verdict 125 start 'say "{\"id\": \"start\", \"error\": {\"desc\": \"not now\"}}"; hear'
	[ "$stderr" = 'emu-spawn: bash: the guest was not started: not now' ]
	# Nobody else has stopped it.
	verdict 124 timeout 'hear' -t 0.3
	verdict 0 exit 'event RESUME'
}

@test "a signal that somebody sent to the emulator is told" {
	verdict 143 signal 'event SHUTDOWN "\"guest\": false, \"reason\": \"host-signal\""'
	verdict 130 signal 'event SHUTDOWN "\"guest\": false, \"reason\": \"host-signal\""
		echo "qemu: terminating on signal 2 from pid 1 (init)" >&2'
}

@test "a machine that somebody else ended has not passed" {
	for reason in host-qmp-quit host-qmp-system-reset host-ui snapshot-load none new-in-qemu-99; do
		verdict 125 error "event SHUTDOWN '\"guest\": false, \"reason\": \"$reason\"'"
		[ "$stderr" = "emu-spawn: the machine was shut down from outside: $reason" ]
	done
	verdict 125 error 'say "{\"event\": \"SHUTDOWN\", \"data\": 5}"'
	[ "$stderr" = 'emu-spawn: the machine was shut down from outside: no reason' ]
	verdict 121 reset 'event SHUTDOWN "\"guest\": true, \"reason\": \"subsystem-reset\""'
}

@test "events in pieces, in one piece, long and broken ones are read" {
	verdict 120 panic 'printf "{\"event\": \"GUEST_" >&3; sleep 0.1; printf "PANICKED\"}\r" >&3; sleep 0.1; printf "\n" >&3'
	verdict 121 reset 'printf "[]\n\n{\n{\"event\": 1}\n{\"event\":\"SHUTDOWN\",\"data\":{\"reason\":\"guest-reset\"}}\n{\"event\":\"GUEST_PANICKED\"}\n" >&3'
	verdict 120 panic 'head -c 1000000 /dev/zero | tr "\0" x >&3; say ""; event GUEST_PANICKED'
	# What is asked for is not where it should be: no event, no panic.
	verdict 0 exit 'say "{\"return\": []}" "{\"return\": {}}" "{}" "{\"event\": 5}"'
	# A line that the end cut off is one, and a long one too.
	verdict 120 panic 'printf "{\"event\": \"GUEST_PANICKED\"}" >&3'
	verdict 120 panic 'event GUEST_PANICKED "\"info\": \"$(head -c 100000 /dev/zero | tr "\0" x)\""'
}

@test "QMP that cannot be understood is no pass" {
	for said in '{"event": "GUEST_PANICKED"} x' '{"event": "GUEST_PANICKED"' '[]' \
		"$(head -c 1100000 /dev/zero | tr '\0' x)"; do
		printf '%s' "$said" >said
		verdict 125 error 'cat said >&3'
		[ "$stderr" = 'emu-spawn: bash: its QMP messages could not be understood' ]
	done
	# That it failed anyway is better known.
	verdict 3 exit 'say x; exit=3'
}

@test "events are read whatever JSON they hold, and what is none is not" {
	cat >events <<-'E'
		{"a": "\\\"\/\b\u00e9\u12aF", "b": [-1.5e+3, 0, 10E2, 0.25, null, true, false, {}, []], "event": "GUEST_PANICKED"}
	E
	verdict 120 panic 'cat events >&3'
	has '.qmp.b[0] == -1500 and .qmp.b[4] == null'
	# Any spelling of its name; any bytes that a guest says of its panic.
	for e in '{"\u0065vent": "GUEST\u005fPANICKED"}' '{"a": "é", "event": "GUEST_PANICKED"}' \
		$'{"a": "\xff\xc3", "event": "GUEST_PANICKED"}'; do
		printf '%s\n' "$e" >events
		verdict 120 panic 'cat events >&3'
	done
	cat >events <<-'E'
		{"a": "\x", "event": "GUEST_PANICKED"}
		{"a": "\u12g4", "event": "GUEST_PANICKED"}
		{"a": 01, "event": "GUEST_PANICKED"}
		{"a": 1., "event": "GUEST_PANICKED"}
		{"a": 1e, "event": "GUEST_PANICKED"}
		{"a": -, "event": "GUEST_PANICKED"}
		{"a": nil, "event": "GUEST_PANICKED"}
		{"a": x, "event": "GUEST_PANICKED"}
		{"a": é, "event": "GUEST_PANICKED"}
		{"a" 1, "event": "GUEST_PANICKED"}
		{a: 1, "event": "GUEST_PANICKED"}
		{"a": [1 2], "event": "GUEST_PANICKED"}
		{"a": {"b" 2}, "event": "GUEST_PANICKED"}
		{"a":
		{"a": "
		{"a": "\
		{"a": "\u12
		"event"
	E
	deep=$(printf '[%.0s' {1..100})
	echo "{\"a\": $deep, \"event\": \"GUEST_PANICKED\"}" >>events
	verdict 125 error 'cat events >&3'
	has '.qmp == null'
}

@test "a QMP that is closed early changes nothing" {
	verdict 4 exit 'exec 3>&-; sleep 0.2; exit=4'
	verdict 124 timeout 'exec 3>&-; trap - TERM; sleep 60 & wait' -t 0.3
}

@test "events are read to the last though nobody is left to be asked about them" {
	outside_valgrind
	# emu-spawn is held up until the emulator has ended.
	verdict 120 panic 'kill -STOP $PPID
		(trap "" HUP; until grep -q "^State:.Z" /proc/$$/status; do sleep 0.02; done
			kill -CONT $PPID) <&- >/dev/null 2>&1 3>&- &
		event STOP
		event LONG "\"x\": \"$(head -c 10000 /dev/zero | tr "\0" x)\""
		event GUEST_PANICKED'
	[ "$stderr" = 'emu-spawn: the guest panicked' ]
}

@test "limits: asked by QMP first, then told by SIGTERM, then killed" {
	verdict 124 timeout 'hear; [[ $line == *quit* ]] && exit=9' -t 0.2
	has '.exit == 9'
	verdict 124 timeout 'trap "exit 8" TERM; while :; do sleep 0.05; done' -t 0.2 -k 0.4
	has '.exit == 8'
	verdict 124 timeout 'trap "" TERM; while :; do sleep 0.05; done' -t 0.2 -k 0.4
	has '.signal == 9'
}

@test "a signal to us, a panic, a reset, a poweroff and an exit are five verdicts" {
	outside_valgrind
	printf '%s\n' 'echo up; hear; exit=0' >script
	timeout 60 emu-spawn -C . -o record bash ./qmp -chardev socket,id=q,fd=3 >out 3>&- 2>err &
	wait_until grep -q up out
	kill "$(pgrep -P $! emu-spawn)"
	status=0
	wait $! || status=$?
	[ "$status" -eq 143 ]
	has '.cause == "signal" and .exit == 0 and .qmp == null'
}

@test "the record is whole on every failure" {
	for args in 'nowhere' '-C nowhere true' '-l no/log true' '-i nowhere true' '-S no/socket true' '-a nowhere' './record'; do
		rm -f record
		: >file
		# shellcheck disable=SC2086 # words
		emu-spawn -o record $args </dev/null 2>err || status=$?
		[ "$status" -ge 125 ]
		has ".status == $status and (.reason | length > 0) and .rusage == null"
		[ "emu-spawn: $(jq -r .reason record)" = "$(cat err)" ]
	done
	run emu-spawn -o no/record true
	[ "$status" -eq 125 ]
	[ "$output" = 'emu-spawn: no/record: No such file or directory' ]
}

@test "the record has all of its keys, whatever bytes were said" {
	printf 'printf\0\\377\\303\\244%%s\0\001\377"\\\0' >words
	emu-spawn -o record -a words >/dev/null
	has 'keys_unsorted == ["argv", "cwd", "cause", "status", "reason", "exit", "signal", "qmp", "limit", "start", "first_byte", "last_byte", "end", "bytes_out", "bytes_in", "undelivered", "rusage", "stderr", "line", "host", "emu"]'
	has '.argv[2] == "\u0001\ufffd\"\\"'
	has '.start | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z$")'
	has '.first_byte <= .last_byte and .last_byte <= .end'
	has '.rusage | .user >= 0 and .system >= 0 and .maxrss > 0'
	has '.line == "\ufffd\u00e4\u0001\ufffd\"\\"'
	# Readers of JSON that refuse a NUL take it, emu's own among them.
	emu-spawn -o record sh -c 'printf "a\\0b"; printf "c\\0d" >&2' >line 2>/dev/null
	has '.line == "a\ufffdb" and .stderr == "c\ufffdd"'
	emu-watch -r record <line >/dev/null
	EMU_NAME='a name' emu-spawn -o record true
	has '.name == "a name" and .host == $h and .emu == $v' --arg h "$(uname -n)" --arg v "$(emu-spawn -V | cut -d" " -f2)"
	has '.first_byte == null and .last_byte == null and .bytes_out == 0'
}

@test "the record replaces a file, a link's file, and goes to a device" {
	echo old >target
	chmod 640 target
	ln -s target record
	emu-spawn -o record true
	[ -L record ]
	[ "$(stat -c %a target)" = 640 ]
	has '.status == 0'
	emu-spawn -o /dev/stderr true 2>&1 | jq -e '.status == 0'
	run emu-spawn -o /dev/full true
	[ "$status" -eq 125 ]
	[ "$output" = 'emu-spawn: /dev/full: No space left on device' ]
}

@test "a FIFO without a reader in the record's place is an error, and is not waited for" {
	mkfifo record
	run -125 --separate-stderr timeout 60 emu-spawn -o record true
	[ "$stderr" = 'emu-spawn: record: No such device or address' ]
	[ -p record ]
}

@test "the record and the log take nothing over from a file that is not the caller's own" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" .
	chmod 1777 tmp
	mkdir -m 777 shared
	for name in record log; do
		echo old >shared/$name
		chmod 6777 shared/$name
	done
	ln -s "$PWD/target" shared/link
	chown -h 65533 shared/*
	echo mine >target
	chmod 666 target
	TMPDIR=$PWD/tmp setpriv --reuid 65534 --regid 65534 --clear-groups \
		sh -c 'umask 022; emu-spawn -o shared/record -l shared/log echo new; emu-spawn -o shared/link true'
	for name in record log link; do
		[ "$(stat -c '%u %a' shared/$name)" = '65534 644' ]
	done
	[ "$(cat target)" = mine ]
	[ "$(cat shared/log)" = new ]
	# In a place for all, while the run lasts.
	chmod 1777 shared
	umask 022
	emu-spawn -o shared/planted setpriv --reuid 65533 --regid 65533 --clear-groups \
		sh -c 'echo >shared/planted; chmod 4777 shared/planted'
	[ "$(stat -c '%u %a' shared/planted)" = '0 644' ]
	jq -e '.status == 0' shared/planted
	run -125 --separate-stderr timeout 60 emu-spawn -o shared/fifo \
		setpriv --reuid 65533 --regid 65533 --clear-groups mkfifo shared/fifo
	[ "$stderr" = 'emu-spawn: shared/fifo: No such device or address' ]
	# Nor is one's own, that an earlier run left, left with what it had.
	echo old >own
	chmod 6777 own
	emu-spawn -o own true
	[ "$(stat -c %a own)" = 644 ]
}
