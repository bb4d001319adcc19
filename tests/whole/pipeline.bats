load ../lib

# The whole pipeline, put together as in DESIGN and the README, with what users
# get wrong at every place: one line names it, the status is not 0, no emulator
# is started, and nothing is left in the scratch parent.

setup() {
	cd "$BATS_TEST_TMPDIR"
	parent=$BATS_TEST_TMPDIR/parent
	mkdir -p "$parent" emulator files
	# An emulator that leaves a trace when it is started.
	cat >emulator/qemu-system-x86_64 <<-EOF
		#!/bin/sh
		[ "\$1" != -object ] || exit 1 # asked, not started
		touch "$BATS_TEST_TMPDIR/started"
		printf '%s\n' "\$@" >"$BATS_TEST_TMPDIR/words"
		printf '%s\n' '{"QMP": {}}' '{"event": "RESUME"}' >&3
		echo hello
	EOF
	chmod +x emulator/qemu-system-x86_64
	head -c 5000 /dev/urandom >files/kernel
	head -c 7000 /dev/urandom >files/zbi
	cat >files/images.json <<-'EOF'
		[{"name": "qemu-kernel", "type": "kernel", "path": "kernel"},
		 {"name": "zircon-a", "type": "zbi", "path": "zbi"},
		 {"name": "never-built", "type": "blk", "path": "nowhere"}]
	EOF
	config='{"type": "qemu", "path": "emulator", "target": "x64", "cpu": 1,
		"memory": 512, "user_networking": true}'
	printf '[%s]' "$config" >qemu.json
}

pipeline() {
	timeout 60 env TMPDIR="$parent" PATH="${path:-$PATH}" emu-scratch sh -c '
		emu-stage -i files/images.json qemu.json | emu-fvm-extend |
		emu-argv -m | emu-spawn -l serial.log'
}

# broken LINE...: the pipeline fails with exactly these lines on stderr, and
# leaves nothing.
broken() {
	run --separate-stderr pipeline
	local want
	want=$(printf '%s\n' "$@")
	[ "$status" -eq 125 ] && [ "$stderr" = "$want" ] && [ -z "$output" ] || {
		printf 'status %s\nstderr:\n%s\nwanted:\n%s\nstdout: %s\n' \
			"$status" "$stderr" "$want" "$output"
		return 1
	}
	[ ! -e started ] || { echo 'the emulator was started'; return 1; }
	[ -z "$(ls -A "$parent")" ] || { echo "left: $(ls -A "$parent")"; return 1; }
}

behind_stage='emu-fvm-extend: <stdin>: empty
emu-argv: <stdin>: empty
emu-spawn: <stdin>: empty'
behind_argv='emu-spawn: <stdin>: empty'

@test "a botanist configuration runs its emulator with botanist's words" {
	run -0 --separate-stderr pipeline
	[ "$output" = hello ]
	[ "$(cat serial.log)" = hello ]
	[ -z "$(ls -A "$parent")" ]
	run cat words
	[ "${lines[0]}" = -kernel ]
	[[ ${lines[1]} = "$parent"/*/kernel_qemu-kernel ]]
	[[ ${lines[3]} = "$parent"/*/zbi_zircon-a ]]
}

@test "no configuration" {
	rm qemu.json
	broken 'emu-stage: qemu.json: No such file or directory' "$behind_stage"
}

@test "an empty configuration" {
	: >qemu.json
	broken 'emu-stage: qemu.json: empty' "$behind_stage"
}

@test "a configuration that is not JSON" {
	echo '{"target": x64}' >qemu.json
	broken "emu-stage: qemu.json:1:12: invalid token near 'x'" "$behind_stage"
}

@test "a configuration that is no object" {
	echo 7 >qemu.json
	broken 'emu-stage: qemu.json: expected an object' "$behind_stage"
}

@test "a duplicate key" {
	echo '{"target": "x64", "target": "arm64"}' >qemu.json
	broken 'emu-stage: qemu.json:1:19: duplicate key "target"' "$behind_stage"
}

@test "a value of the wrong type" {
	echo '{"path": "emulator", "target": "x64", "cpu": "4", "memory": 512}' >qemu.json
	broken 'emu-argv: <stdin>: cpu: expected an integer' "$behind_argv"
}

@test "an unknown key" {
	echo '{"path": "emulator", "target": "x64", "memroy": 4}' >qemu.json
	broken 'emu-argv: <stdin>: memroy: unknown key, did you mean "memory"?' "$behind_argv"
}

@test "an unknown target" {
	sed -i 's/x64/mips/' qemu.json
	broken 'emu-argv: <stdin>: target: expected one of x64, i386, arm64, arm, riscv64, s390x, ppc64le, ppc64, mips64el, mipsel, loong64, not "mips"' \
		"$behind_argv"
}

@test "a manifest without kernel" {
	jq '.[1:]' files/images.json >files/i
	mv files/i files/images.json
	broken 'emu-argv: <stdin>: images: no image "kernel_qemu-kernel"' "$behind_argv"
}

@test "a manifest without zbi" {
	jq '.[:1]' files/images.json >files/i
	mv files/i files/images.json
	broken 'emu-argv: <stdin>: images: no image "zbi_zircon-a"' "$behind_argv"
}

@test "an image that does not exist" {
	rm files/zbi
	broken "emu-stage: $PWD/files/zbi: No such file or directory" "$behind_stage"
}

@test "an image that is a directory" {
	rm files/zbi
	mkdir files/zbi
	broken "emu-stage: $PWD/files/zbi: Is a directory" "$behind_stage"
}

@test "an image whose name has a slash" {
	jq '[.[] | .name |= sub("zircon-a"; "zircon/a")] | map(. + {type: "zbi"})' \
		files/images.json >files/i
		mv files/i files/images.json
	jq '.[0] + {guest: "none"}' qemu.json >q
	mv q qemu.json
	broken 'emu-stage: qemu.json: images[1].name: "zircon/a" has a slash' "$behind_stage"
}

@test "a scratch directory that cannot be made" {
	run --separate-stderr timeout 60 env TMPDIR=/proc emu-scratch true
	[ "$status" -eq 125 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr = 'emu-scratch: /proc'*': '* ]]
}

@test "no directory to stage into" {
	expect_error 1 'emu-stage: no directory for the images: -d dir, $EMU_SCRATCH or emu-scratch(1) gives one' emu-stage qemu.json
}

@test "a full disk" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	mkdir small
	mount -t tmpfs -o size=64k none small
	head -c 1000000 /dev/urandom >files/zbi
	parent=$PWD/small
	run --separate-stderr pipeline
	left=$(ls -A small)
	umount small
	[ "$status" -eq 125 ]
	[[ ${stderr_lines[0]} = "emu-stage: $PWD/small/"*': No space left on device: the images need 1 MiB, 0 are free' ]] ||
		{ echo "$stderr"; false; }
	[ "${#stderr_lines[@]}" -eq 4 ]
	[ ! -e started ]
	[ -z "$left" ]
}

@test "an emulator that is missing" {
	rm emulator/qemu-system-x86_64
	broken "emu-argv: <stdin>: path: $PWD/emulator/qemu-system-x86_64: No such file or directory" \
		"$behind_argv"
}

@test "an emulator that is not in PATH" {
	jq '[.[0] | del(.path)]' qemu.json >q
	mv q qemu.json
	mkdir bin
	ln -s "$(command -v sh)" bin
	path=$EMU_BUILD:$PWD/bin
	run -127 --separate-stderr pipeline
	[ "$status" -eq 127 ]
	[ "$stderr" = 'emu-spawn: qemu-system-x86_64: No such file or directory' ] ||
		{ echo "$stderr"; false; }
	[ -z "$(ls -A "$parent")" ]
}

@test "an emulator that is not executable" {
	chmod -x emulator/qemu-system-x86_64
	run --separate-stderr pipeline
	[ "$status" -eq 126 ]
	[ "$stderr" = "emu-spawn: $PWD/emulator/qemu-system-x86_64: Permission denied" ] ||
		{ echo "$stderr"; false; }
	[ -z "$(ls -A "$parent")" ]
}

@test "a signal to any member of the pipeline" {
	# Each command in turn is replaced by one that kills itself.
	for victim in emu-stage emu-fvm-extend emu-argv emu-spawn; do
		for signal in TERM KILL INT HUP PIPE; do
			mkdir -p stub
			rm -f stub/*
			printf '#!/bin/sh\nkill -%s $$\nsleep 10\n' $signal >"stub/$victim"
			chmod +x "stub/$victim"
			run --separate-stderr env PATH="$PWD/stub:$PATH" bash -c "$(declare -f pipeline); parent=$parent; pipeline"
			[ "$status" -ne 0 ] || { echo "$victim $signal: 0"; false; }
			[ ! -e started ] || { echo "$victim $signal: started"; false; }
			[ -z "$(ls -A "$parent")" ] || { echo "$victim $signal: left $(ls -A "$parent")"; false; }
		done
	done
}

@test "every command with a limit refuses an EMU_TIME_SCALE that is no factor" {
	echo '{}' >document
	for scale in fast 0 -1 1x nan inf; do
		export EMU_TIME_SCALE=$scale
		expect_error 125 "emu-scratch: EMU_TIME_SCALE: not a factor: $scale" emu-scratch touch ran
		expect_error 125 "emu-spawn: EMU_TIME_SCALE: not a factor: $scale" emu-spawn touch ran
		expect_error 125 "emu-watch: EMU_TIME_SCALE: not a factor: $scale" emu-watch
		expect_error 1 "emu-argv: EMU_TIME_SCALE: not a factor: $scale" emu-argv document
		expect_error 1 "emu-fvm-extend: EMU_TIME_SCALE: not a factor: $scale" emu-fvm-extend document
	done
	[ ! -e ran ]
	# An empty one is none, and -T beats it.
	EMU_TIME_SCALE='' emu-spawn -C . true
	EMU_TIME_SCALE=fast emu-spawn -C . -T 1 true
}

# stuck STATUS NAME CMD...: runs it in the background with a stderr that is full
# and that nobody reads, its stdout in NAME.
stuck() {
	{
		got=0
		timeout -k 1 60 "${@:3}" 2>full 5>&- 6>&- 3>&- >"$2" || got=$?
		[ "$got" -eq "$1" ] || echo "$2: status $got" >>wrong
	} <&0 &
}

# unread FILE: makes the FIFO, full, without a reader.
unread() {
	mkfifo "$1"
	exec 5<>"$1"
	dd if=/dev/zero of="$1" bs=4096 count=1000 oflag=nonblock status=none 2>/dev/null || true
}

@test "a stderr that nobody reads holds no command up" {
	printf 'a\nKernel panic - not syncing: x\nb\n' >line
	mkdir staged
	emu-stage -d staged -i files/images.json qemu.json >document
	# A tool and an image of which other programs have something to say.
	printf '#!/bin/sh\nyes message | head -c 4000 >&2\nexit 3\n' >tool
	chmod +x tool
	jq '.[0] // . | .fvm_tool = "tool" | .images = [{name: "storage-full", type: "blk", path: "line"}]' \
		qemu.json >with-tool
	echo '{"guest": "linux", "images": [{"name": "d", "type": "disk", "path": "line", "format": "vhdx", "convert": "raw"}]}' >no-vhdx
	echo '{"status": 1, "cause": "exit"}' >record
	unread full
	mkfifo line.fifo
	exec 6<>line.fifo
	echo a >&6
	stuck 1 watched emu-watch -f @linux -g 0.1 <line
	stuck 124 late emu-watch -t 0.5 <line.fifo
	mkdir again
	stuck 0 staged-again emu-stage -v -d again -i files/images.json qemu.json
	stuck 0 grown emu-fvm-extend -v -d staged document
	mkdir tool-dir vhdx-dir
	stuck 1 with-tool.out emu-fvm-extend -d tool-dir with-tool
	stuck 1 vhdx.out emu-stage -d vhdx-dir no-vhdx
	stuck 1 argv emu-argv none
	stuck 2 ktap emu-ktap <line
	stuck 1 doc emu-doc none
	stuck 1 init emu-init none -- true
	stuck 1 unpack emu-unpack none x
	stuck 125 env emu-env none
	stuck 1 cast emu-cast -r record -o cast <line
	stuck 0 scratch emu-scratch -k -d . true
	stuck 127 spawn emu-spawn none
	stuck 124 spawn-late emu-spawn -t 0.2 sleep 30
	stuck 125 run emu-run none
	stuck 125 tally emu-tally -y
	wait
	exec 5>&-
	[ ! -s wrong ] || { cat wrong; false; }
	cmp line watched
	[ -s staged-again ]
	[ -s grown ]
}

@test "a terminal that nobody reads holds no command up" {
	run -0 timeout 60 /usr/bin/python3 - <<-'E'
		import os, pty, subprocess
		ours, theirs = pty.openpty()
		os.set_blocking(theirs, False)
		try:
		    while True:
		        os.write(theirs, b"x")
		except BlockingIOError:
		    pass
		os.set_blocking(theirs, True)
		commands = ["emu-doc none", "emu-run none", "emu-tally -y", "emu-spawn -t 0.2 sleep 30"]
		running = [subprocess.Popen(c.split(), stderr=theirs) for c in commands]
		print([p.wait(50) for p in running])
	E
	[ "$output" = '[1, 125, 125, 124]' ]
}
