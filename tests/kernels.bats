load lib

# The real thing: Debian's kernels with a busybox shell, fetched once.
setup_file() {
	need apt-get dpkg-deb cpio flock
	export KERNELS=$EMU_BUILD/kernels
	"$EMU_ROOT/tests/kernels/fetch" 2>"$BATS_FILE_TMPDIR/fetch" && return
	[ "${EMU_TEST_STRICT:-}" = 1 ] || skip "no kernels: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch")"
	cat "$BATS_FILE_TMPDIR/fetch"
	return 1
}

@test "fetch needs no network and touches nothing when all is there" {
	before=$(stat -c '%n %i %Y' "$KERNELS"/*)
	run --separate-stderr env https_proxy=http://127.0.0.1:9 \
		http_proxy=http://127.0.0.1:9 "$EMU_ROOT/tests/kernels/fetch"
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	[ "$before" = "$(stat -c '%n %i %Y' "$KERNELS"/*)" ]
}

@test "fetch gives another build the same kernels" {
	EMU_KERNELS=$(realpath "$KERNELS") EMU_BUILD=$BATS_TEST_TMPDIR/build \
		"$EMU_ROOT/tests/kernels/fetch"
	[ "$BATS_TEST_TMPDIR/build/kernels/vmlinuz-arm64" -ef "$KERNELS/vmlinuz-arm64" ]
}
