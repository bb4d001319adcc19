load ../lib

# What a parser could do that hostile bytes have taken over (sandbox/hijack.c).

setup() {
	[[ $EMU_BUILD != */san ]] || skip "a sanitizer's runtime needs too much"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -m 700 home home/.ssh scratch
	echo secret >home/.ssh/id_rsa
	"$EMU_BUILD/tests/emu-fvm-extend/image" make home/x.img 32768 aab.DbD..a.b....
	export HIJACK_HOME=$PWD/home HIJACK_REPORT=9
}

# hijacked FILE CMD...: runs CMD, which reads FILE; the report is in report.
hijacked() {
	local file=$1
	shift
	HIJACK_FILE=$file LD_PRELOAD=$EMU_BUILD/tests/whole/sandbox/hijack.so "$@" 9>report
}

# harmless OPEN FILE CMD...: CMD does its work, and all that its hijacked reader
# tries fails, to open a file with OPEN.
harmless() {
	local want="read ~/.ssh: $1
write ~/.ssh: $1
link ~/.ssh: EACCES
socket: ENOSYS
local socket: ENOSYS
kill: ENOSYS
other memory: ENOSYS
ioctl: ENOSYS
execve: ENOSYS"
	shift
	hijacked "$@" >out
	# Between directories: by the kernel's version, and what is allowed in them.
	sed -i 's/EXDEV/EACCES/' report
	[ "$(cat report)" = "$want" ] || { echo "$*"; cat report; return 1; }
	[ "$(ls -A home/.ssh)" = id_rsa ]
	[ ! -e home/stolen ]
}

landlock() {
	need perl
	# landlock_create_ruleset(2)
	perl -e 'exit(syscall(444, 0, 0, 1) < 1)' || skip "no Landlock"
}

document() {
	printf '{"images":[{"type":"blk","name":"storage-full","path":"%s"%s}]}' "$@" >d.json
}

@test "a hijacked program without a sandbox can do everything" {
	hijacked home/x.img dd if=home/x.img of=/dev/null status=none
	[ "$(cat report)" = "read ~/.ssh: done
write ~/.ssh: done
link ~/.ssh: done
socket: done
local socket: done
kill: done
other memory: done
ioctl: done
execve: done" ]
	[ -e home/.ssh/authorized_keys ]
	[ -e home/stolen ]
}

@test "a hijacked emu-fvm-extend opens nothing, starts nothing and talks to nobody" {
	landlock
	harmless ENOSYS home/x.img emu-fvm-extend -I -f home/x.img
	harmless ENOSYS home/x.img emu-fvm-extend -n -f home/x.img
	# Only here may names be given in the directory, to what is in it.
	harmless ENOSYS home/x.img emu-fvm-extend -l 64M -f home/x.img
	document home/x.img
	harmless ENOSYS home/x.img emu-fvm-extend -d scratch -l 1G d.json
	document scratch/blk_storage-full ',"staged":true'
	harmless ENOSYS scratch/blk_storage-full \
		emu-fvm-extend -d scratch -l 2G d.json
	"$EMU_BUILD/tests/emu-fvm-extend/image" check scratch/blk_storage-full 2147483648
	"$EMU_BUILD/tests/emu-fvm-extend/image" check home/x.img 67108864
}

@test "a hijacked emu-unpack opens nothing else, starts nothing and talks to nobody" {
	landlock
	need zip
	echo data >a
	tar -cf t.tar a
	tar -czf t.tar.gz a
	zip -q t.zip a
	for f in t.tar t.tar.gz t.zip; do
		harmless EACCES $f emu-unpack -d scratch $f a
		harmless EACCES $f emu-unpack -d scratch - a=b <$f
		cmp scratch/a a
		cmp scratch/b a
		rm scratch/*
	done
	harmless EACCES t.tar.gz emu-unpack -z -d scratch t.tar.gz x
	cmp scratch/x t.tar
}
