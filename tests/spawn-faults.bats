load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$PWD/tmp
	mkdir tmp
	fake=$EMU_BUILD/tests/spawn/fake
	mark=$(printf '87%s%05d' "$BATS_TEST_NUMBER" $((RANDOM)))
}

# try NAME ERRNO: each call of NAME fails once, until none is left to fail. In
# every case emu-spawn ends soon, by itself, with all bytes and 0 or with a
# reason and a failure, and leaves nothing behind.
try() {
	local n status
	for ((n = 1; n <= EMU_TEST_N; n++)); do
		rm -f hit record log got err
		status=0
		FAULT=$1:$n:$2 FAULT_LOG=$PWD/hit LD_PRELOAD=$EMU_BUILD/tests/spawn/faults.so \
			timeout -k 1 20 emu-spawn -t 10 -k 1 -m -x 0 -S sock -o record -l log sh -c \
			"printf '{\"QMP\":{}}\r\n' >&3; '$fake' err=10 out=200000; sleep 0.02; exec 3>&-; : $mark" \
			>got 2>err </dev/null || status=$?
		[ -e hit ] || break
		echo "$1 $n: $status $(head -c 300 err | tr -d x)"
		[ ! -e sock ]
		! pgrep -f "$mark"
		[ -z "$(ls -A tmp)" ]
		[ ! -e record ] || jq -e ".status == $status" record >/dev/null
		if [ "$status" -eq 0 ]; then
			"$fake" all=200000 <got
		else
			[ "$status" -eq 125 ]
			grep -q '^emu-spawn: ' <(tr -d x <err)
		fi
	done
	[ "$n" -gt 1 ]
}

@test "any call of the system may fail once" {
	[ "${EMU_BUILD##*/}" != san ] || return 0
	for fault in read:5 readv:5 write:28 ppoll:12 fork:11 pipe2:24 socketpair:24 \
		socket:24 listen:98 signalfd:24 posix_openpt:28 unlockpt:5 \
		mkdtemp:13 mkostemp64:28 fsync:5 rename:13 mmap64:12 open64:24; do
		try "${fault%:*}" "${fault#*:}"
	done
}

@test "any allocation may fail" {
	[ "${EMU_BUILD##*/}" != san ] || return 0
	try malloc 12
}
