load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$BATS_TEST_TMPDIR/parent
	mkdir "$TMPDIR"
	demo=$EMU_BUILD/demo-x64
	need qemu-system-x86_64
}

teardown() {
	[ -z "$(ls -A "$TMPDIR")" ] || { echo "left: $(ls -A "$TMPDIR")"; false; }
}

emu_run() {
	timeout 60 emu-run "$@"
}

@test "a kernel boots, its line is printed, its power off is status 0" {
	run -0 --separate-stderr emu_run "$demo" </dev/null
	[ "${lines[0]}" = $'emu demo guest, x64\r' ]
	[ -z "$(but_kvm <<<"$stderr")" ] || { echo "$stderr"; false; }
}

@test "-a passes kernel arguments byte for byte, in order" {
	run -0 --separate-stderr emu_run -a "it's" -a 'a  b' -a é -a poweroff "$demo" </dev/null
	[ "${lines[2]}" = $'arguments: it\'s a  b é poweroff\r' ] || { echo "$output"; false; }
}

@test "stdin is the guest's" {
	run -0 --separate-stderr sh -c 'printf "good morning\004" |
		timeout 60 emu-run -a echo "$1"' - "$demo"
	[[ $output = *'good morning'* ]]
}

@test "a configuration, a manifest and -a make a machine" {
	printf '[{"guest": "none", "target": "x64", "memory": 64, "args": ["one"]}]' >qemu.json
	printf '[{"name": "demo", "type": "kernel", "path": "%s"}]' "$demo" >images.json
	run -0 --separate-stderr emu_run -a -two qemu.json images.json </dev/null
	[ "${lines[2]}" = $'arguments: one -two\r' ] || { echo "$output $stderr"; false; }
}

@test "a manifest from a pipe is read once" {
	printf '{"guest": "none", "target": "x64", "memory": 64}' >qemu.json
	run -0 --separate-stderr bash -c 'timeout 60 emu-run qemu.json <(
		printf "[{\"name\": \"demo\", \"type\": \"kernel\", \"path\": \"%s\"}]" "$1") </dev/null' - "$demo"
	[ "${lines[0]}" = $'emu demo guest, x64\r' ] || { echo "$output $stderr"; false; }
}

@test "a Fuchsia disk is grown, whatever it comes in" {
	need zstd bsdtar
	cp "$demo" k
	"$EMU_BUILD/tests/emu-fvm-extend/image" make fvm.blk 1048576 ab.c
	size='stat -c %s "$EMU_SCRATCH/blk_storage-full"; cat >/dev/null'
	zstd -q fvm.blk -o fvm.blk.zst
	echo '[{"target": "x64", "cpu": 1, "memory": 64, "user_networking": true}]' >qemu.json
	entries='{"name": "qemu-kernel", "type": "kernel", "path": "k"},
		{"name": "zircon-a", "type": "zbi", "path": "k"}, {"name": "storage-full", "type": "blk"'
	echo "[$entries, \"path\": \"fvm.blk\"}]" >images.json
	echo "[$entries, \"path\": \"fvm.blk.zst\", \"decompress\": true}]" >packed.json
	bsdtar -caf all.tar.zst images.json k fvm.blk
	export EMU_CACHE=$PWD/cache
	for how in 'qemu.json images.json' 'qemu.json packed.json' \
		'-x all.tar.zst qemu.json' 'qemu.json all.tar.zst' '-f :22 images.json'; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr emu_run -o record -w "$size" $how </dev/null
		[ "$output" = 10000000000 ] || { echo "$how: $output $stderr"; false; }
	done
	run -0 --separate-stderr sh -c 'timeout 60 emu-run -x - -w "$1" qemu.json <all.tar.zst' - "$size"
	[ "$output" = 10000000000 ]
	# The cache has the kernel, the disk and the manifest, and a link for each of
	# what the archive has and for the packed disk.
	[ -f "cache/image-$(sha256sum <k | cut -c1-64)" ]
	[ "$(find cache -name 'image-*' | wc -l) $(find cache -name 'source-*' | wc -l)" = '3 4' ]
}

@test "-l and -o keep the line and the verdict" {
	emu_run -l log -o record -a flood=100000 "$demo" </dev/null >out
	cmp log out
	[ "$(jq -r '"\(.cause) \(.status)"' record)" = 'exit 0' ]
	[ "$(jq .bytes_out record)" -eq "$(stat -c %s out)" ]
}

@test "-t and -q end the run with 124 and 122" {
	run -124 emu_run -t 1 -a noise "$demo" </dev/null
	run -122 emu_run -q 1 -a hang "$demo" </dev/null
}

@test "a panic is 120, with filters too" {
	run -120 emu_run -a panic "$demo" </dev/null
	run -120 --separate-stderr emu_run -w cat -w 'tr a-z A-Z' -a panic "$demo" </dev/null
	[ "${lines[0]}" = $'EMU DEMO GUEST, X64\r' ]
}

@test "filters form a pipeline" {
	run -0 --separate-stderr emu_run -w 'grep -a guest' -w "sed 's/demo/d\"e'\\''mo/'" "$demo" </dev/null
	[ "$output" = $'emu d"e\'mo guest, x64\r' ]
}

@test "a filter that is one program has no shell beside it" {
	printf '#!/bin/sh\ntr "\\0" " " </proc/$PPID/cmdline >above\nexec cat\n' >filter
	chmod +x filter
	for words in './filter' './filter >line 2>errors'; do
		run -0 emu_run -w "$words" "$demo" </dev/null
		grep -q '^/bin/sh [^ ]*emu-run ' above || { cat above; false; }
	done
	for words in 'x=1; ./filter' './filter && true' './filter | cat' '(./filter)' $'./filter\n'; do
		run -0 emu_run -w "$words" "$demo" </dev/null
		run ! grep -q '^/bin/sh [^ ]*emu-run ' above
		grep -q '^sh -c' above || { cat above; false; }
	done
}

@test "a filter that leaves ends the run, and its status counts" {
	run -0 emu_run -w 'head -n 3 >/dev/null' -a noise "$demo" </dev/null
	run -7 emu_run -w 'head -n 3 >/dev/null; exit 7' -w cat -a noise "$demo" </dev/null
	run -9 emu_run -w cat -w 'cat >/dev/null; exit 9' "$demo" </dev/null
	run -127 emu_run -w 'no-such-filter 2>/dev/null' -a noise "$demo" </dev/null
}

@test "emu-watch as a filter decides" {
	run -0 emu_run -w 'emu-watch -s memory' -a noise "$demo" </dev/null
	run -1 emu_run -w 'emu-watch -f memory' -a noise "$demo" </dev/null
	run -2 emu_run -w 'emu-watch -s "login:"' "$demo" </dev/null
}

@test "a reader that leaves stdout is 123" {
	run bash -c 'timeout 60 emu-run -a noise "$1" </dev/null | head -n 2; echo "${PIPESTATUS[0]}"' - "$demo"
	[ "${lines[-1]}" = 123 ] || { echo "$output"; false; }
}

@test "what cannot be prepared is 125, told once, and starts nothing" {
	expect_error 125 'emu-run: nowhere: No such file or directory' emu_run nowhere
	expect_error 125 'emu-run: nowhere.json: No such file or directory' emu_run -a x nowhere.json
}

usage='usage: emu-run [-u] [-A target] [-a arg]... [-B dir]... [-c cpus] [-D core]
               [-e word]... [-F driver] [-f rule]... [-i input] [-K modules]
               [-k yes|no|auto] [-l log] [-m MiB] [-n name] [-o record]
               [-P picture] [-q time] [-R root] [-S socket] [-s dir]... [-t time]
               [-W text] [-w filter]... [-X command] [-x archive] [-Z state]
               [-z state] file ... [-- cmd [arg ...]]'

@test "wrong usage is 125 and says what is wrong" {
	expect_error 125 "emu-run: nothing to boot: no file
$usage" emu_run
	expect_error 125 "emu-run: -Q: unknown option; did you mean -q (end the run after this time without output)?
$usage" emu_run -Q
	expect_error 125 "emu-run: --memory: unknown option; did you mean -m (the memory)?
$usage" emu_run --memory 512
	expect_error 125 "emu-run: --no-such(: unknown option
$usage" emu_run '--no-such('
	run -125 --separate-stderr emu-run -A nope "$demo"
	[[ $stderr = 'emu-run: -A: not one of x64, '*': nope' ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	expect_error 125 "emu-run: -t: an argument is missing
$usage" emu_run -t
	expect_error 125 "emu-run: -t: not a duration: 3x
$usage" emu_run -t 3x "$demo"
	expect_error 125 "emu-run: -s: not a command; a word for the emulator takes -e
$usage" emu_run "$demo" -- -s -S
	expect_error 125 "emu-run: --: no command
$usage" emu_run "$demo" --
	expect_error 125 "emu-run: the document and the archive cannot both be standard input
$usage" emu_run -x - -
	[ "$(emu-run --version)" = "$(emu-run -V)" ]
	[ "$(emu-run --help)" = "$(emu-run -h)" ]
	run -0 emu-run -h
	[ "$(head -n 6 <<<"$output")" = "$usage" ]
}

@test "a mistake in a document is found before anything is copied" {
	printf '{"guest": "none", "target": "x64", "memroy": 64, "images":
		[{"name": "big", "type": "blk", "path": "big"}]}' >bad.json
	truncate -s 1M big
	run -125 --separate-stderr emu_run -o record bad.json
	[[ $stderr = 'emu-run: '*'memroy: unknown key, did you mean "memory"?' ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	jq -e '.cause == "prepare" and .status == 125 and (.reason | test("memroy"))' record
	emu-run -o /dev/stderr bad.json 2>&1 | sed 1d | jq -e '.cause == "prepare"'
	mkdir directory
	run -125 --separate-stderr emu-run -o directory bad.json
	[ "${stderr_lines[1]}" = 'emu-run: directory: there is no record' ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	# Where not even the mistake can be written down.
	run -0 sh -c '(ulimit -f 0; emu-run bad.json; echo $?) 2>&1 | cat'
	[[ $output = "emu-run: $TMPDIR/emu-scratch-"*$': cannot be written to\n125' ]] || { echo "$output"; false; }
}

@test "a run that gets no private directory leaves a record, not that of an earlier run" {
	emu-run -o r.json "$demo" </dev/null
	TMPDIR=$PWD/none expect_error 125 "emu-run: $PWD/none: No such file or directory" \
		emu-run -o r.json "$demo"
	[ "$(jq -r '"\(.cause) \(.status) \(.reason)"' r.json)" = "prepare 125 $PWD/none: No such file or directory" ]
	for scale in fast 0 -1; do
		EMU_TIME_SCALE=$scale expect_error 125 "emu-run: EMU_TIME_SCALE: not a factor: $scale" \
			emu-run -o r.json "$demo"
		[ "$(jq -r .reason r.json)" = "EMU_TIME_SCALE: not a factor: $scale" ]
	done
}

@test "there is a record after every end, and its status is the exit status" {
	emu_run -o r.json "$demo" </dev/null >/dev/null
	jq -e '.cause == "exit" and .status == 0' r.json
	jq -e --arg p "$demo" --argjson n "$(stat -c %s "$demo")" \
		'.images == [{"name": "kernel_guest", "path": $p, "size": $n}]' r.json
	run -125 emu_run -o r.json nokernel
	jq -e '.cause == "prepare" and .status == 125 and .reason == "nokernel: No such file or directory"' r.json
	run -125 emu_run -o r.json -t 3x "$demo"
	jq -e '.cause == "prepare" and .reason == "-t: not a duration: 3x"' r.json
	EMU_NAME=first run -125 emu_run -o new.json nokernel
	jq -e '.name == "first" and .host == $h' --arg h "$(uname -n)" new.json
	run -125 --separate-stderr emu_run -o no/r.json nokernel
	[ "$stderr" = 'emu-run: nokernel: No such file or directory
emu-run: no/r.json: there is no record' ]
}

@test "the record has the caller's umask, and what is no file in its place holds nobody up" {
	(umask 077; emu-run -o r.json "$demo" </dev/null)
	[ "$(stat -c %a r.json)" = 600 ]
	(umask 077; emu-run -o none.json nokernel) || true
	[ "$(stat -c %a none.json)" = 600 ]
	[ "$(jq -r .cause none.json)" = prepare ]
	mkfifo fifo
	run -125 --separate-stderr timeout 30 emu-run -o fifo nokernel
	[ "$stderr" = 'emu-run: nokernel: No such file or directory
emu-run: fifo: there is no record' ]
	[ -p fifo ]
	run -125 --separate-stderr timeout 30 emu-run -o fifo "$demo"
	[ "${stderr_lines[-1]}" = 'emu-run: fifo: there is no record' ]
	# A reader gets the one that is complete.
	for args in '-a panic' '-w "cat; exit 3"'; do
		timeout 30 jq -r '"\(.status) \(.images | length)"' <fifo >read 3>&- &
		run eval timeout 30 emu-run -o fifo "$args" '"$demo"' '</dev/null'
		wait "$!"
		[ "$(cat read)" = "$status 1" ] || { cat read; false; }
		[ "$status" -gt 0 ]
	done
	run -125 --separate-stderr emu-run -o /dev/null nokernel
	[ "$stderr" = 'emu-run: nokernel: No such file or directory' ]
	[ -c /dev/null ]
}

@test "an old log does not survive a run that came to no machine" {
	echo old >log
	run -125 emu_run -l log nokernel
	[ ! -e log ]
}

@test "the record of a run with filters tells theirs, and the status is emu-run's" {
	run -1 emu_run -o r.json -w cat -w 'emu-watch -f memory' -a noise "$demo" </dev/null
	jq -e '.cause == "filter" and .status == 1 and
		(.filters | map(.command)) == ["cat", "emu-watch -f memory"] and .filters[1].status == 1' r.json
	run -0 emu_run -o r.json -w 'cat' "$demo" </dev/null
	jq -e '.cause == "exit" and .status == 0 and .filters == [{"command": "cat", "status": 0}]' r.json
	run -120 emu_run -o r.json -w 'cat; exit 3' -a panic "$demo" </dev/null
	jq -e '.cause == "panic" and .status == 120 and .filters[0].status == 3' r.json
}

@test "a signal while images are staged leaves a record and nothing else" {
	mkfifo slow
	printf '{"guest": "none", "target": "x64", "images": [{"name": "k", "type": "kernel", "path": "%s"},
		{"name": "slow", "type": "blk", "path": "slow"}]}' "$demo" >d.json
	for signal in TERM HUP INT; do
		rm -f r.json
		# A shell's job in the background ignores SIGINT, and timeout(1) leaves it so.
		setsid env --default-signal=INT timeout --foreground 60 emu-run -o r.json d.json </dev/null 3>&- 2>err &
		run=$!
		wait_until sh -c 'pgrep -g "$1" emu-stage' - "$run"
		pkill -"$signal" -g "$run" -f 'sh.*emu-run'
		code=0
		wait "$run" || code=$?
		[ "$code" -ge 128 ] || { echo "$signal: $code"; cat err; false; }
		jq -e --argjson s "$code" '.cause == "prepare" and .status == $s' r.json || { cat r.json err; false; }
	done
}

# interrupted SIGNAL CAUSE UNTIL ARG...: emu-run with these arguments is sent SIGNAL as soon
# as UNTIL; its status is that of the record, with this cause.
interrupted() {
	local signal=$1 cause=$2 until=$3 run code=0
	shift 3
	rm -f r.json log
	setsid env --default-signal=INT,QUIT timeout --foreground 60 emu-run -o r.json "$@" </dev/null 3>&- 2>err &
	run=$!
	wait_until sh -c "$until" - "$run"
	pkill -"$signal" -P "$run" emu-scratch
	wait "$run" || code=$?
	[ "$code" -eq $((128 + $(kill -l "$signal"))) ] || { echo "$signal: $code"; cat err; false; }
	[ "$(jq -c '[.cause, .status]' r.json)" = "[\"$cause\",$code]" ] || { cat r.json; false; }
}

@test "a signal while the document is made, the guest or a filter runs is the status of the record" {
	mkfifo document
	for signal in TERM HUP INT QUIT; do
		interrupted "$signal" prepare 'pgrep -g "$1" emu-doc' document
		interrupted "$signal" signal 'grep -q disk: log' -l log -a hang "$demo"
		jq -e '.images | length == 1' r.json
		interrupted "$signal" signal 'jq -e ".status == 0" r.json' -w 'cat; exec sleep 60' "$demo"
		jq -e '.filters == [{command: "cat; exec sleep 60", status: null}]' r.json
	done
}

@test "a run whose emu-spawn was killed or refused an option leaves a record" {
	timeout 60 emu-run -o r.json -l log -a hang "$demo" </dev/null 3>&- >/dev/null 2>err &
	wait_until grep -q disk: log
	spawn=$(pgrep -f "emu-spawn -a $TMPDIR/")
	kill -KILL $spawn
	code=0
	wait "$!" || code=$?
	[ "$code" -eq 137 ]
	[ "$(jq -c '[.cause, .status, .reason]' r.json)" = '["error",137,"emu-spawn wrote no record"]' ]
	run -125 emu_run -o r.json -t 9999999999999999d "$demo"
	[ "$(jq -c '[.cause, .status]' r.json)" = '["error",125]' ]
}

@test "a closed stdin is none, and a closed stdout an error with a record" {
	run -0 --separate-stderr sh -c 'emu-run -w cat "$1" <&-' - "$demo"
	[ "${lines[0]}" = $'emu demo guest, x64\r' ]
	run -125 --separate-stderr sh -c 'emu-run -o r.json "$1" >&-' - "$demo"
	[ "$stderr" = 'emu-run: <stdout>: Bad file descriptor' ]
	jq -e '.cause == "prepare"' r.json
}

@test "too few descriptors are an error with a record" {
	for n in 14 29; do
		rm -f r.json
		run -125 --separate-stderr sh -c 'ulimit -n "$2"; emu-run -w cat -o r.json "$1"' - "$demo" "$n"
		[ "$stderr" = "emu-run: ulimit -n: $n: too few descriptors" ]
		[ "$(jq -c '[.cause, .status, .reason]' r.json)" = \
			"[\"prepare\",125,\"ulimit -n: $n: too few descriptors\"]" ]
	done
	run -0 sh -c 'ulimit -n 30; emu-run -t 30 -w cat -w cat -o r.json "$1"' - "$demo"
}

@test "an emulator that is missing is told with its package" {
	[ -e /etc/debian_version ] || skip 'no Debian'
	mkdir bin
	for c in jq sh sed tr cat cut uname date mkfifo rm readlink mktemp mv chmod dirname timeout; do
		ln -s "$(command -v $c)" bin/
	done
	run -125 --separate-stderr env PATH="$EMU_BUILD:$PWD/bin" emu-run -k no -o r.json "$demo"
	[ "${stderr_lines[-1]}" = 'emu-run: qemu-system-x86_64: not found (Debian: qemu-system-x86)' ]
	jq -e '.cause == "prepare" and .status == 125' r.json
}

@test "SIGINT stops a loop of machines, and leaves nothing" {
	cat >loop <<-EOF
		for k in 1 2 3; do
			emu-run -a hang -l log "$demo" </dev/null >/dev/null
			echo \$k >>ended
		done
		echo all >>ended
	EOF
	for sh in bash dash; do
		rm -f log ended
		# A process group of its own that hears SIGINT, as a terminal's foreground has.
		setsid env --default-signal=INT timeout --foreground 60 "$sh" loop 3>&- &
		loop=$!
		wait_until grep -q disk: log
		kill -INT -- "-$loop"
		wait_until gone "$loop"
		[ ! -e ended ] || { echo "$sh: $(cat ended)"; false; }
		wait_until eval '[ -z "$(ls -A "$TMPDIR")" ]'
	done
}

@test "inside emu-scratch the serial line is on its serial.sock" {
	need socat
	cat >inside <<-EOF
		emu-run -a echo "$demo" </dev/null >out &
		until [ -S "\$EMU_SCRATCH/serial.sock" ]; do sleep 0.05; done
		{ printf 'through the socket\004'; sleep 1; } |
			timeout 20 socat - "UNIX-CONNECT:\$EMU_SCRATCH/serial.sock" >from-socket
		wait
	EOF
	timeout 60 emu-scratch sh inside
	grep -q 'through the socket' out
	grep -q 'emu demo guest' from-socket
}

@test "a configuration may come through a pipe" {
	printf '{"guest": "none", "target": "x64", "memory": 64, "images":
		[{"name": "demo", "type": "kernel", "path": "%s"}]}' "$demo" >qemu.json
	run -0 --separate-stderr sh -c 'timeout 60 emu-run - <qemu.json'
	[ "${lines[0]}" = $'emu demo guest, x64\r' ]
	run -0 --separate-stderr sh -c 'cat qemu.json | timeout 60 emu-run -a one /dev/stdin'
	[ "${lines[2]}" = $'arguments: one\r' ]
	# It is no image a second time, not even an empty one.
	jq '.images += [{name: "d", type: "blk", path: "/dev/stdin"}]' qemu.json >twice.json
	for how in 'cat twice.json | emu-run -' 'emu-run - <twice.json' 'cat twice.json | emu-run /dev/stdin' \
		'cat twice.json | emu-run /dev/fd/0'; do
		expect_error 125 'emu-run: /dev/stdin: not a file' sh -c "$how"
	done
	mkfifo fifo
	timeout 60 cat qemu.json >fifo 3>&- &
	run -0 --separate-stderr emu_run fifo </dev/null
	[ "${lines[0]}" = $'emu demo guest, x64\r' ]
	wait
}

@test "an option behind the files is told from a file" {
	run -125 --separate-stderr emu_run "$demo" -t 1m </dev/null
	[ "${stderr_lines[0]}" = 'emu-run: -t: options come before files' ]
	run -125 --separate-stderr emu_run -- -no-such </dev/null
	cp "$demo" ./-demo
	run -0 --separate-stderr emu_run -- -demo </dev/null
}

@test "run is no success when what would tell a status was killed" {
	# A filter's parent tells the filter's status.
	for filter in 'kill -9 $PPID' 'kill -9 $PPID; exec cat'; do
		run -137 emu-run -w "$filter" "$EMU_BUILD/demo-x64"
		run -137 emu-run -w "$filter" -w cat "$EMU_BUILD/demo-x64"
	done
}

@test "-f :22 takes a free port, which emu-env and the record tell" {
	mkdir outer
	export EMU_SCRATCH=$PWD/outer
	emu-doc -f :22 "$demo" >d.json
	timeout 60 emu-run -o record -f :22 -a hang "$demo" </dev/null >/dev/null 3>&- 2>err &
	run -0 --separate-stderr timeout 30 emu-env d.json
	port=$(sed -n 's/^EMU_PORT_22=//p' <<<"$output")
	[ -n "$port" ]
	kill "$!"
	wait "$!" || true
	jq -e --argjson port "$port" '.ports == [{protocol: "tcp", guest: 22, host: $port}]' record
	unset EMU_SCRATCH
}

@test "-Z saves a machine and -z goes on from it, -D and -P keep what a failed one had" {
	timeout 60 emu-run -W 'disk: ' -Z state -a echo "$demo" </dev/null >out
	[ -s state/memory ]
	printf 'typed\004' >input
	run -0 --separate-stderr emu_run -t 20 -z state -i input -a echo "$demo"
	# The line may have been saved within its last one.
	[[ $output = *typed ]]
	[[ $output != *'demo guest'* ]]
	run -122 --separate-stderr emu_run -q 1 -D core -P screen.png -e -device -e VGA -a hang "$demo" </dev/null
	readelf -h core | grep -q 'CORE (Core file)'
	[ -s screen.png ]
}
