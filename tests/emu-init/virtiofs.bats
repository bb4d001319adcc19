load ../lib
load guest

# The root over virtio-fs, in Debian's generic kernel, served by the real virtiofsd.
setup_file() {
	need apt-get dpkg-deb cpio flock xz qemu-system-x86_64
	"$EMU_ROOT/tests/whole/kernels/fetch" amd64 2>"$BATS_FILE_TMPDIR/fetch" || {
		cat "$BATS_FILE_TMPDIR/fetch"
		[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
		skip "no kernels: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch")"
	}
	# Debian 12 has none that keeps a share read-only: setup skips.
	echo '{"guest": "none", "target": "x64", "images": [{"name": "k", "type": "kernel", "path": "/k"}],
		"shares": [{"path": "/", "tag": "t", "driver": "virtiofs"}]}' |
		emu-argv 2>"$BATS_FILE_TMPDIR/why" >"$BATS_FILE_TMPDIR/words" || :
}

setup() {
	[ -s "$BATS_FILE_TMPDIR/words" ] || skip "$(tail -n 1 "$BATS_FILE_TMPDIR/why")"
	G=$EMU_BUILD/kernels/generic-amd64 K=$EMU_BUILD/kernels/generic-amd64/vmlinuz
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp
}

# Processes that serve this test's machine.
helpers() {
	local p
	for p in $(pgrep -f -- --shared-dir=); do
		tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qxF "TMPDIR=$TMPDIR" || continue
		echo "$p"
	done
}

nothing_left() {
	[ -z "$(helpers)" ] && [ -z "$(ls -A tmp)" ]
}

teardown() {
	[ ! -d "$BATS_TEST_TMPDIR/tmp" ] || nothing_left || { echo "left: $(helpers) $(ls -A tmp)"; false; }
}

@test "the root is read over virtio-fs, and what the guest writes stays there" {
	head -c 3000000 /dev/urandom >bytes
	mkdir in
	run -0 --separate-stderr guest -F virtiofs -B in -- sh -c '
		grep -c " virtiofs " /proc/filesystems /proc/mounts
		echo guest >file; cat file; echo new >in/new
		grep " / " /proc/mounts | cut -d " " -f 3
		exec cat bytes >in/copy' </dev/null
	[[ $output = *$'guest\noverlay' ]]
	[ ! -e file ]
	[ "$(cat in/new)" = new ]
	cmp bytes in/copy
}

@test "the server refuses what a guest writes past its overlay" {
	[ "$(id -u)" -eq 0 ] || skip 'not root in the guest'
	echo host >file
	run -0 --separate-stderr guest -F virtiofs -- sh -c '
		mkdir /run/rw && mount -t virtiofs -o rw emu-root /run/rw && cd "/run/rw$PWD" && cat file
		echo guest >file || echo refused; rm file || echo refused; mkdir d || echo refused
		chmod 777 file || echo refused' </dev/null
	[ "$output" = $'host\nrefused\nrefused\nrefused\nrefused' ]
	[[ $stderr = *'Read-only file system'* ]]
	[ "$(cat file)" = host ]
	[ ! -e d ]
}

@test "virtiofsd ends with its machine, after a timeout and with a killed emu-spawn" {
	run -124 guest -F virtiofs -t 12 -- sleep 100 </dev/null
	nothing_left
	guest -F virtiofs -- sh -c 'echo up; sleep 100' </dev/null >out 2>err 3>&- &
	EMU_TEST_WAIT=90 wait_until grep -q up out
	[ -n "$(helpers)" ]
	for p in $(pgrep -x emu-spawn); do
		if tr '\0' ' ' <"/proc/$p/cmdline" | grep -q "$TMPDIR"; then
			kill -KILL "$p"
		fi
	done
	wait $! || true
	wait_until nothing_left
}

@test "a machine whose virtiofsd is killed ends, and says so" {
	guest -F virtiofs -o r.json -- sh -c 'echo up; sleep 100' </dev/null >out 2>err 3>&- &
	job=$!
	EMU_TEST_WAIT=90 wait_until grep -q up out
	kill -KILL $(helpers)
	code=0
	wait $job || code=$?
	[ "$code" -eq 125 ]
	grep -q '^emu-spawn: the helper of .*/virtiofs0.sock: died of signal 9' err
	jq -e '.cause == "error"' r.json
}
