load ../lib

# The real thing: Debian's kernels with a busybox shell, fetched once.
setup_file() {
	need apt-get dpkg-deb cpio flock
	"$EMU_ROOT/tests/whole/kernels/fetch" 2>"$BATS_FILE_TMPDIR/fetch" && return
	cat "$BATS_FILE_TMPDIR/fetch"
	[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
	skip "no kernels: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch")"
}

setup() {
	K=$EMU_BUILD/kernels
	export EMU_TEST_WAIT=90
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir scratch
	export TMPDIR=$PWD/scratch
	mkfifo in
}

# start CMD...: runs CMD in the background with its output in out and errors in
# err, and descriptor 7 as the guest's keyboard (the FIFO in).
start() {
	timeout 150 "$@" >out 2>err 3>&- &
	job=$!
	exec 7>in
}

# typed LINE ANSWER: the guest, at its prompt, is sent the line and answers with
# a line that is just that (what it echoes is not).
typed() {
	printf '%s\n' "$1" >&7
	wait_until grep -aqxE "$2"$'\r?' out || { tail -n 20 out err; return 1; }
}

# ended STATUS: the run ends with that, and nothing is left in the scratch parent.
ended() {
	local status=0
	exec 7>&-
	wait "$job" || status=$?
	[ "$status" -eq "$1" ] || { echo "status $status"; tail -n 20 out err; return 1; }
	[ -z "$(ls -A scratch)" ]
}

prompt() {
	wait_until grep -aq 'guest# ' out || { tail -n 20 out err; return 1; }
}

@test "fetch needs no network and touches nothing when all is there" {
	before=$(stat -c '%n %i %Y' "$K"/*)
	run --separate-stderr env https_proxy=http://127.0.0.1:9 \
		http_proxy=http://127.0.0.1:9 "$EMU_ROOT/tests/whole/kernels/fetch"
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	[ "$before" = "$(stat -c '%n %i %Y' "$K"/*)" ]
}

@test "fetch gives another build the same kernels" {
	EMU_KERNELS=$(realpath "$K") EMU_BUILD=$PWD/build \
		"$EMU_ROOT/tests/whole/kernels/fetch"
	[ "$PWD/build/kernels/vmlinuz-arm64" -ef "$K/vmlinuz-arm64" ]
}

@test "fetch without a network says what it could not get and leaves nothing" {
	run -1 --separate-stderr env EMU_KERNELS="$PWD/k" EMU_BUILD="$PWD/build" \
		https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9 \
		"$EMU_ROOT/tests/whole/kernels/fetch"
	[ "${stderr_lines[-1]}" = 'fetch: no package linux-image-cloud-amd64 or linux-image-generic in the apt sources of this machine' ]
	[ "$(ls -A k)" = .lock ]
}

@test "Debian's kernel boots through the pipeline, answers at its shell, takes every byte" {
	need qemu-system-x86_64
	python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 16)' >bytes
	sum=$(sha256sum <bytes | cut -d ' ' -f 1)
	cat >images.json <<-END
	[{"name": "debian", "type": "kernel", "path": "$K/vmlinuz-amd64"},
	 {"name": "debian", "type": "initrd", "path": "$K/initrd-amd64.gz"},
	 {"name": "data", "type": "blk", "path": "disk"}]
	END
	echo 'from outside' >disk
	truncate -s 1M disk
	cp disk before
	cat >qemu.json <<-'END'
	{"guest": "linux", "target": "x64", "memory": 512, "cpu": 2,
	 "args": ["quiet", "emu.note=a b"], "drives": [{"image": "blk_data"}]}
	END
	# shellcheck disable=SC2016 # the inner shell's
	start emu-scratch sh -c 'emu-stage -i images.json qemu.json |
		emu-fvm-extend | emu-argv -m |
		emu-spawn -i in -l serial.log -o record -t 120'
	prompt
	# shellcheck disable=SC2016 # the guest's shell
	typed 'echo $((6*7))' 42
	typed 'uname -sm' 'Linux x86_64'
	typed 'nproc' 2
	typed 'tr " " "\n" </proc/cmdline | grep -c -e ^console=ttyS0 -e ^emu.note=a -e ^b$' 3
	# The disk is read, and what is written to it stays the run's.
	typed 'head -n 1 /dev/vda' 'from outside'
	typed 'echo from inside >/dev/vda; sync; head -n 1 /dev/vda' 'from inside'
	typed 'stty raw -echo; echo ready; head -c 4096 >/tmp/b; stty sane; sha256sum /tmp/b' ready
	cat bytes >&7
	wait_until grep -aq "$sum" out
	typed 'stty raw -echo; echo; echo begin; cat /tmp/b; stty sane; echo; echo end' end
	printf 'poweroff\n' >&7
	ended 0
	# A loaded machine takes its time to the first byte, and is told of.
	run grep -v '^emu-spawn: no output in the first 10 s: ' err
	[ -z "$output" ]
	cmp disk before
	python3 - <<-'PY'
		out, sent = open("out", "rb").read(), open("bytes", "rb").read()
		assert b"begin\n" + sent + b"\r\nend" in out
	PY
	cmp out serial.log
	[ "$(jq -r '.cause, .status' record | xargs)" = 'exit 0' ]
	[ "$(jq .bytes_out record)" -eq "$(wc -c <out)" ]
}

@test "the arm64 kernel boots from two files in one line" {
	need qemu-system-aarch64
	start sh -c "exec emu-run -a quiet -o record -t 120 '$K/vmlinuz-arm64' '$K/initrd-arm64.gz' <in"
	prompt
	# shellcheck disable=SC2016 # the guest's shell
	typed 'echo $((6*7))' 42
	typed 'uname -m' aarch64
	typed 'grep -c "CPU part.*0xd07" /proc/cpuinfo' 1
	printf 'exit\n' >&7
	ended 0
	[ "$(jq -r '.cause, .status' record | xargs)" = 'exit 0' ]
}

@test "a kernel panic does not pass for success" {
	need qemu-system-x86_64
	start sh -c "exec emu-run -a quiet -o record -t 120 '$K/vmlinuz-amd64' '$K/initrd-amd64.gz' <in"
	prompt
	printf 'echo c >/proc/sysrq-trigger\n' >&7
	ended 120
	[ "$(jq -r .cause record)" = panic ]
	grep -aq 'Kernel panic' out
}

# With the symbols of the very kernel (linux-image-VERSION-dbg, 1.7 GB installed),
# elsewhere by EMU_VMLINUX.
@test "crash(8) tells from the core of -D where a kernel panicked" {
	need qemu-system-x86_64 crash file
	version=$(file -b "$K/vmlinuz-amd64" | sed 's/.*version \([^ ]*\) .*/\1/')
	symbols=${EMU_VMLINUX:-/usr/lib/debug/boot/vmlinux-$version}
	[ -e "$symbols" ] || skip "no $symbols"
	monitor qmp0
	run -122 --separate-stderr timeout 150 emu-spawn -q 10 -D core -- qemu-system-x86_64 -m 256 -nodefaults \
		-display none -serial stdio -no-reboot -chardev socket,id=qmp0,fd=3 "${MONITOR[@]}" \
		-kernel "$K/vmlinuz-amd64" -append console=ttyS0 </dev/null
	printf 'sys\nbt\nquit\n' >commands
	timeout 150 crash -s -i commands "$symbols" core >told 2>&1 </dev/null
	grep -q 'PANIC: "Kernel panic - not syncing: VFS: Unable to mount root fs' told
	grep -q ' panic at ' told
	grep -q ' mount_block_root at ' told
}
