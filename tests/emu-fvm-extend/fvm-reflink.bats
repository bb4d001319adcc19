load ../lib

# An xfs on a loop device, which only root can have, and not everywhere.
setup() {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	need mkfs.xfs mount umount
	disk=$BATS_TEST_TMPDIR/disk
	xfs=$BATS_TEST_TMPDIR/xfs
	mkdir "$xfs"
	truncate -s 1G "$disk"
	mkfs.xfs -q -m reflink=1 "$disk"
	mount -o loop "$disk" "$xfs" 2>/dev/null || skip "no loop devices here"
	cd "$xfs"
	mkdir -m 700 scratch
	image make x.img 8388608 AABB.A..CC
	sync x.img
}

teardown() {
	cd /
	! mountpoint -q "${xfs:-/none}" || umount "$xfs"
}

image() {
	"$EMU_BUILD/tests/emu-fvm-extend/image" "$@"
}

# free KIB: that much less is used by what follows.
used() {
	sync -f .
	df --output=used . | tail -n 1
}

@test "fvm -f shares the blocks where the file system can" {
	before=$(used)
	run -0 --separate-stderr emu-fvm-extend -v -f x.img
	[[ $stderr == *", slices move by 16384 bytes: cloned" ]]
	image check x.img 10000000000
	[ $(($(used) - before)) -lt 4096 ]
	run -0 --separate-stderr emu-fvm-extend -v -f x.img -l 10000001024
	[[ $stderr == *", slices stay: cloned" ]]
	image check x.img 10000001024
}

@test "fvm makes a private copy that shares the blocks" {
	cp x.img old.img
	before=$(used)
	emu-fvm-extend -d scratch >out.json <<-EOF
		{"images":[{"type":"blk","name":"storage-full","path":"x.img"}]}
	EOF
	image check scratch/blk_storage-full 10000000000
	cmp x.img old.img
	[ $(($(used) - before)) -lt 4096 ]
}

@test "fvm shifts the slices of a private copy that shares its blocks" {
	cp --reflink=always x.img scratch/x
	cp x.img old.img
	run -0 --separate-stderr emu-fvm-extend -v -d scratch <<-EOF
		{"images":[{"type":"blk","name":"storage-full","path":"scratch/x","staged":true}]}
	EOF
	[[ $stderr == *" bytes shifted within the file" ]]
	image check scratch/x 10000000000
	cmp x.img old.img
	emu-fvm-extend -f x.img
	cmp -n 100000000 scratch/x x.img
}

@test "fvm is atomic with shared blocks, too" {
	image make old.img 32768 aab.DbD..a.b....
	sync
	for ((n = 1, status = 99; status == 99; n++)); do
		cp --reflink=always old.img y.img
		status=0
		LD_PRELOAD=$EMU_BUILD/tests/emu-fvm-extend/crash.so CRASH_MODE=drop CRASH_AT=$n \
			ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
			emu-fvm-extend -f y.img -l 64M || status=$?
		case $(image check y.img) in
		"8 16 8192 688128" | "8 2042 24576 67108864") ;;
		*) false ;;
		esac
	done
	[ $n -gt 8 ]
	image check y.img 67108864
}
