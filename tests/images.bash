# What the tests of emu-stage and emu-unpack load: their room and their files.
# shellcheck shell=bash
load ../lib

# room: the test runs where nothing is but out, the private directory.
room() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 700 out
	export EMU_SCRATCH=$PWD/out
	umask 022
}

setup() {
	room
}

# two_files DENSE SPARSE: makes in/DENSE, of 300,000 random bytes, and
# in/SPARSE, of 2,005,004, most of them zeros.
two_files() {
	mkdir in
	head -c 300000 /dev/urandom >"in/$1"
	{ head -c 5000 /dev/urandom; head -c 2000000 /dev/zero; echo end; } >"in/$2"
}

# two_images: in/k and in/d, the manifest in/images.json, and doc.json, which
# has no images of its own.
two_images() {
	two_files k d
	echo '[{"name": "k", "type": "kernel", "path": "k"},
	       {"name": "d", "type": "blk", "path": "./d"}]' >in/images.json
	echo '{"guest": "linux"}' >doc.json
}

# left NAME...: the private directory holds these files alone.
left() {
	[ "$(ls -A out)" = "$(printf '%s\n' "$@")" ]
}
