load ../lib

# What is kept of a machine: -Z and -z its state, -D its memory, -P its screen.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export TMPDIR=$PWD/tmp
	mkdir tmp
	need qemu-system-x86_64
	cp "$EMU_BUILD/demo-x64" kernel
	monitor qmp0
	Q=(qemu-system-x86_64 -nodefaults -display none -m 64 -no-reboot -serial stdio -device VGA -device pvpanic
		-device isa-debug-exit,iobase=0xf4,iosize=4 -chardev socket,id=qmp0,fd=3 "${MONITOR[@]}"
		-kernel kernel)
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

has() {
	jq -e "$@" record >/dev/null || { jq . record; false; }
}

spawn() {
	timeout 60 emu-spawn -C . -o record "$@"
}

# save ARG...: a state of the guest that has said all and echoes what it reads.
save() {
	spawn -W $'disk: none\r\n' -Z state "$@" -- "${Q[@]}" -append echo </dev/null
}

@test "-Z saves the machine when the line has shown the text of -W, -z goes on from there" {
	run -0 --separate-stderr save
	[[ $output = *'disk: '* ]]
	[ -z "$stderr" ]
	has '.cause == "exit" and .status == 0 and .exit == 0 and .reason == null'
	jq -e '.qemu | test("^[0-9]+[.][0-9]+[.][0-9]+$")' state/machine.json
	jq -e --arg k "$PWD/kernel" '.files | keys == [$k]' state/machine.json
	# Twice, and each time the guest is there at once: no byte of its boot comes.
	for n in 1 2; do
		run -0 --separate-stderr spawn -t 20 -z state -X 'echo "line $n"; read -r l; [ "$l" = "line $n" ]; printf "\004"' \
			-- "${Q[@]}" -append echo
		[ "$output" = "line " ]
		[ -z "$stderr" ]
		has '.cause == "exit" and .first_byte != null'
	done
	# Input that is there from the start waits for the state.
	printf 'typed\004' >input
	run -0 --separate-stderr spawn -t 20 -z state -i input -- "${Q[@]}" -append echo
	[ "$output" = typed ]
}

# The guest has said all, and would not finish a line when it goes on.
has_said_all() {
	grep -q "disk: none" out && [ -z "$(tail -c 1 out)" ]
}

@test "-Z saves when -X has ended, or at SIGUSR1" {
	spawn -X 'echo said; while read -r l; do case $l in said*) exit; esac; done' -W 'disk: ' -Z state \
		-- "${Q[@]}" -append echo >out
	grep -q said out
	printf 'more\004' >input
	[ "$(spawn -t 20 -z state -i input -- "${Q[@]}" -append echo)" = more ]
	rm out
	timeout 60 emu-spawn -C . -o record -Z second -- "${Q[@]}" -append echo </dev/null >out 3>&- &
	wait_until has_said_all
	kill -USR1 "$(pgrep -P $! emu-spawn)"
	wait $!
	has '.cause == "exit" and .status == 0'
	[ "$(spawn -t 20 -z second -i input -- "${Q[@]}" -append echo)" = more ]
}

@test "a machine that ends before it was saved leaves no state" {
	run -125 --separate-stderr spawn -W nothing -Z state -- "${Q[@]}" -append poweroff
	[ "$stderr" = 'emu-spawn: state: the machine ended before it was saved' ]
	has '.cause == "error" and .exit == 0'
	[ ! -e state ]
	run -124 --separate-stderr spawn -t 1 -W nothing -Z state -- "${Q[@]}" -append hang
	[ ! -e state ]
	# A failure of -X is the status.
	run -7 --separate-stderr spawn -X 'exit 7' -Z state -- "${Q[@]}" -append echo
	[ ! -e state ]
}

no_leftover() {
	[ -z "$(compgen -G 'emu-spawn-*')" ]
}

@test "of a state that was not finished nothing is left, or the next one removes it" {
	timeout 60 emu-spawn -C . -Z state -- "${Q[@]}" -append echo </dev/null >out 3>&- &
	wait_until grep -q disk: out
	kill -KILL "$(pgrep -P $! emu-spawn)"
	wait $! || true
	[ ! -e state ]
	wait_until no_leftover
	# Killed with its guard.
	timeout 60 emu-spawn -C . -Z state -- "${Q[@]}" -append echo </dev/null >again 3>&- &
	wait_until grep -q disk: again
	[ -e emu-spawn-*/memory ]
	spawn=$(pgrep -P $! emu-spawn)
	kill -KILL $(pgrep -P "$spawn" emu-spawn) "$spawn"
	wait $! || true
	[ -e emu-spawn-*/memory ]
	mkdir state
	run -0 --separate-stderr save
	[ "$(ls state)" = $'machine.json\nmemory' ]
	wait_until no_leftover
	# Not through a link, and not what is something else.
	mkdir aim
	touch aim/memory
	ln -s aim link
	expect_error 125 'emu-spawn: link: File exists' spawn -Z link -- "${Q[@]}" -append echo
	[ -e aim/memory ]
	mkdir other slash
	touch other/mine other/memory
	run -125 --separate-stderr spawn -Z other -- "${Q[@]}" -append echo
	[ "$stderr" = 'emu-spawn: other: File exists' ]
	[ -e other/mine ]
	[ -e other/memory ]
	spawn -W 'disk: ' -Z slash/ -- "${Q[@]}" -append echo </dev/null
	[ -s slash/memory ]
	run -125 --separate-stderr spawn -Z no/state -- "${Q[@]}" -append echo
	[ "$stderr" = 'emu-spawn: no: No such file or directory' ]
}

@test "a state that does not fit is refused, and says why" {
	save >/dev/null
	expect_error 125 'emu-spawn: state: saved with other words: -append echo, now panic' \
		spawn -z state -- "${Q[@]}" -append panic
	expect_error 125 'emu-spawn: state: saved with other words: -append echo, now (none)' \
		spawn -z state -- "${Q[@]}" -append
	expect_error 125 'emu-spawn: state: saved with other words: -m 64, now 128' \
		spawn -z state -- "${Q[@]/#64/128}" -append echo
	expect_error 125 'emu-spawn: state: saved with other words: -device VGA, now cirrus-vga' \
		spawn -z state -- "${Q[@]/VGA/cirrus-vga}" -append echo
	expect_error 125 'emu-spawn: state: saved with other words: -append, now -machine' \
		spawn -z state -- "${Q[@]}" -machine q35 -append echo
	printf x >>kernel
	expect_error 125 "emu-spawn: state: saved with another content of $PWD/kernel" \
		spawn -z state -- "${Q[@]}" -append echo
	cp "$EMU_BUILD/demo-x64" kernel
	jq '.qemu = "1.2.3"' state/machine.json >other
	cp other state/machine.json
	run -125 --separate-stderr spawn -z state -- "${Q[@]}" -append echo
	[[ $stderr == 'emu-spawn: state: saved by QEMU 1.2.3, and this is QEMU '* ]]
	has '.cause == "error"'
	expect_error 125 'emu-spawn: state: File exists' spawn -Z state -- "${Q[@]}" -append echo
	rm state/machine.json
	expect_error 125 'emu-spawn: state/machine.json: No such file or directory' \
		spawn -z state -- "${Q[@]}" -append echo
	[ -e state/memory ]
}

@test "a state that a stranger made names no file but the machine's" {
	save >/dev/null
	mkdir scratch
	echo secret >secret
	echo planted >state/file-1
	jq '.kept = {"$EMU_SCRATCH/../secret": "file-1"}' state/machine.json >other
	cp other state/machine.json
	EMU_SCRATCH=$PWD/scratch expect_error 125 "emu-spawn: state: no file of this machine: \$EMU_SCRATCH/../secret" \
		spawn -z state -- "${Q[@]}" -append echo
	[ "$(cat secret)" = secret ]
	for file in memory machine.json; do
		mkdir fifo
		cp state/machine.json fifo
		rm -f fifo/$file
		mkfifo fifo/$file
		expect_error 125 "emu-spawn: fifo/$file: not a regular file" spawn -z fifo -- "${Q[@]}" -append echo
		rm -r fifo
	done
}

@test "a state whose memory is cut short is no machine that ran" {
	save >/dev/null
	truncate -s 100000 state/memory
	run -125 --separate-stderr spawn -z state -- "${Q[@]}" -append echo
	has '.cause == "start" or .cause == "error"'
	[ -z "$output" ]
}

@test "what the guest wrote to a private image is in the state, and elsewhere it is refused" {
	need socat
	mkdir first second
	truncate -s 1M first/disk
	cp first/disk second/disk
	monitor more hmp
	# writes SCRATCH: a state of a machine whose first/disk was written to.
	writes() {
		rm -f out
		EMU_SCRATCH=$1 timeout 60 emu-spawn -C . -o record -Z state -- "${Q[@]}" -append echo \
			-drive "file=$PWD/first/disk,format=raw,if=none,id=d" -device virtio-blk-pci,drive=d \
			-chardev "socket,id=more,path=$PWD/more,server=on,wait=off" "${MONITOR[@]}" \
			</dev/null >out 3>&- 2>err &
		wait_until grep -q disk: out
		echo 'qemu-io d "write -P 0xa5 512k 4k"' | timeout 10 socat - UNIX-CONNECT:more >/dev/null
		wait_until grep -q 'wrote 4096' out
		kill -USR1 "$(pgrep -P $! emu-spawn)"
		wait $!
	}
	writes "$PWD/first"
	has '.status == 0'
	cmp first/disk state/file-1
	printf 'hi\004' >input
	EMU_SCRATCH=$PWD/second run -0 --separate-stderr spawn -t 20 -z state -i input -- "${Q[@]}" -append echo \
		-drive "file=$PWD/second/disk,format=raw,if=none,id=d" -device virtio-blk-pci,drive=d \
		-chardev "socket,id=more,path=$PWD/more,server=on,wait=off" "${MONITOR[@]}"
	[ "$output" = hi ]
	cmp first/disk second/disk
	# Not a private copy: the next run would find another disk than its state knows.
	rm -r state
	truncate -s 0 first/disk
	truncate -s 1M first/disk
	status=0
	writes '' || status=$?
	[ "$status" -eq 125 ]
	[ "$(tail -n 1 err)" = "emu-spawn: state: the guest wrote to $PWD/first/disk, which is not a private copy" ]
	[ ! -e state ]
}

@test "-D and -P keep the memory and the screen of a machine that failed" {
	need readelf file
	run -120 --separate-stderr spawn -D core -P screen.png -- "${Q[@]}" -append panic
	[ "$stderr" = 'emu-spawn: the guest panicked' ]
	readelf -n core | grep -q NT_PRSTATUS
	[ "$(stat -c %s core)" -gt 67108864 ]
	[[ $(file screen.png) == *'PNG image data'* ]]
	rm core
	run -122 --separate-stderr spawn -q 0.5 -D core -P screen.ppm -- "${Q[@]}" -append hang
	[ "$stderr" = 'emu-spawn: no output for 0.5 s; the last line was "disk: none"' ]
	readelf -h core | grep -q 'CORE (Core file)'
	[[ $(file screen.ppm) == *'Netpbm image data'* ]]
	rm core
	run -124 --separate-stderr spawn -t 1 -D core -- "${Q[@]}" -append hang
	readelf -h core | grep -q 'CORE (Core file)'
	# Not of one that went well, or was stopped for another reason.
	rm core screen.*
	run -0 --separate-stderr spawn -D core -P screen.png -- "${Q[@]}" -append poweroff
	run -121 --separate-stderr spawn -D core -P screen.png -- "${Q[@]}" -append reset
	[ ! -e core ]
	[ ! -e screen.png ]
}

@test "gdb reads the memory and the registers that -D kept" {
	need gdb
	run -122 --separate-stderr spawn -q 0.5 -D core -- "${Q[@]}" -append hang
	# The guest's code, where its processor was: it goes round and round.
	gdb -nx -batch -ex 'x/i $rip' -c core >told 2>&1 </dev/null
	grep -Eq '^=> 0x[0-9a-f]+:[[:space:]]jmp ' told
}

@test "what could not be kept is said beside the verdict" {
	run -122 --separate-stderr spawn -q 0.5 -D no/core -P no.png -- "${Q[@]/VGA/virtio-rng-pci}" -append hang
	[ "$stderr" = 'emu-spawn: no output for 0.5 s; the last line was "disk: none"; no.png: screendump: There is no console to take a screendump from; no/core: No such file or directory' ]
	has '.cause == "silence"'
	[ -z "$(find . -name '*core*' -o -name '*.png')" ]
	# An old file stays when there is nothing whole in its place.
	echo old >core
	cp core no.png
	mkfifo device
	run -122 --separate-stderr spawn -q 0.5 -P no.png -D device -- "${Q[@]/VGA/virtio-rng-pci}" -append hang
	[[ "$stderr" = *'; device: File exists' ]] || { echo "$stderr"; false; }
	[ -p device ]
	cmp core no.png
	for option in -Z -z -D -P; do
		expect_error 125 'emu-spawn: -D, -P, -Z and -z need QMP: a -chardev with fd=3' spawn "$option" x true
	done
}
