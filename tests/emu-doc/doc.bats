load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export HOME=$PWD XDG_CONFIG_HOME=
}

# bytes FILE [SIZE] [OFFSET FORMAT]...: a file of zeros with these bytes in it.
bytes() {
	local file=$1 size=$2
	shift 2
	: >"$file"
	truncate -s "$size" "$file"
	while [ $# -gt 0 ]; do
		# shellcheck disable=SC2059 # a format
		printf "$2" | dd of="$file" bs=1 seek=$(($1)) conv=notrunc status=none
		shift 2
	done
}

# The smallest files that are what their names say.
bzimage() {
	bytes "${1:-bzImage}" 2560 0x1fe '\x55\xaa' 0x202 HdrS 0x206 '\x0f\x02' \
		0x236 '\x01' 0x238 '\xff\x07'
}
image() {
	bytes "${1:-Image}" 4096 56 'ARM\x64'
}
# elf MACHINE(octal) CLASS [TYPE]
elf() {
	bytes elf 4096 0 "\\x7fELF\\x$2\\x01\\x01" 16 "\\x${3:-02}" 18 "\\x$1"
}
pvh() {
	bytes elf 4096 0 '\x7fELF\x02\x01\x01' 16 '\x02' 18 '\x3e' 32 '\x40' \
		54 '\x38' 56 '\x01' 64 '\x04' 73 '\x01' 96 '\x18' \
		256 '\x04\0\0\0\x08\0\0\0\x12\0\0\0Xen'
}
newc() {
	mkdir -p root
	(cd root && find . | cpio -o -H newc --quiet) >"${1:-initrd}"
}
# gpt FILE GUID...: a disk with partitions of these types (as on disk, in hex).
gpt() {
	local file=$1 at=1024
	shift
	bytes "$file" 1M 510 '\x55\xaa' 450 '\xee' 454 '\x01' 458 '\xff' \
		512 'EFI PART' 584 '\x02' 592 '\x80' 596 '\x80'
	for guid; do
		# shellcheck disable=SC2059 # a format
		printf "$(sed 's/../\\x&/g' <<<"$guid")" |
			dd of="$file" bs=1 seek=$at conv=notrunc status=none
		at=$((at + 128))
	done
}
ESP=28732ac11ff8d211ba4b00a0c93ec93b
BIOS=4861682149646f6e744e656564454649
LINUX=af3dc60f838472478e793d69d8477de4
ROOT_ARM64=45b021b9f01dc341af444c6f280d3fae

# doc JQ-FILTER ARG...: what emu-doc prints, through jq; nothing on stderr.
doc() {
	local filter=$1
	shift
	emu-doc "$@" >document 2>stderr || { cat stderr; return 1; }
	[ ! -s stderr ] || { cat stderr; return 1; }
	jq -c "$filter" document
}

SHORT='[.guest, .target, (.images // [] | map(.type + "_" + .name) | join(" "))]'

@test "doc boots a Linux kernel and its initrd" {
	bzimage
	newc initrd
	[ "$(doc . bzImage initrd)" = "$(jq -c . <<-END
		{"guest": "linux", "target": "x64", "kvm": "auto", "images": [
		 {"name": "guest", "type": "kernel", "path": "$PWD/bzImage"},
		 {"name": "guest", "type": "initrd", "path": "$PWD/initrd"}]}
	END
	)" ]
	[ "$(doc "$SHORT" initrd ./bzImage)" = "$(doc "$SHORT" bzImage initrd)" ]
}

@test "doc takes memory, processors, arguments and target from its options" {
	bzimage
	[ "$(doc '[.memory, .cpu, .target, .args]' -m 300 -c 3 -a 'a  b' -a "é'" \
		-A x64 -- bzImage)" = '[300,3,"x64",["a  b","é'\''"]]' ]
}

@test "doc knows kernels by their content" {
	image
	[ "$(doc "$SHORT" Image)" = '["linux","arm64","kernel_guest"]' ]
	gzip -k Image
	[ "$(doc "$SHORT" Image.gz)" = '["linux","arm64","kernel_guest"]' ]
	bytes riscv 4096 48 'RISCV\0\0\0RSC\x05'
	[ "$(doc "$SHORT" riscv)" = '["linux","riscv64","kernel_guest"]' ]
	bytes zimage 4096 0x24 '\x18\x28\x6f\x01' 0x2d '\x10'
	[ "$(doc "$SHORT" zimage)" = '["linux","arm","kernel_guest"]' ]
	bytes old 2560 0x1fe '\x55\xaa' 0x202 HdrS 0x206 '\x0a\x02'
	[ "$(doc "$SHORT" old)" = '["linux","i386","kernel_guest"]' ]
	elf b7 02
	[ "$(doc "$SHORT" elf)" = '["none","arm64","kernel_guest"]' ]
	elf f3 02
	[ "$(doc "$SHORT" elf)" = '["none","riscv64","kernel_guest"]' ]
	elf 28 01
	[ "$(doc "$SHORT" elf)" = '["none","arm","kernel_guest"]' ]
	# MIPS's have no note that says Linux.
	elf 08 01
	[ "$(doc "$SHORT" elf)" = '["linux","mipsel","kernel_guest"]' ]
	pvh
	[ "$(doc "$SHORT" elf)" = '["none","x64","kernel_guest"]' ]
	[ "$(doc .isa_debug_exit elf)" = true ]
	printf '\xff\xff' | dd of=elf bs=1 seek=56 conv=notrunc status=none
	[ "$(doc "$SHORT" elf)" = '["none","x64","kernel_guest"]' ]
	elf 03 01
	printf '\x02\xb0\xad\x1b' | dd of=elf bs=1 seek=4096 conv=notrunc status=none
	[ "$(doc "$SHORT" elf)" = '["none","x64","kernel_guest"]' ]
	[ "$(doc "$SHORT" -A i386 elf)" = '["none","i386","kernel_guest"]' ]
	pvh
	printf '\x06\0\0\0\0\0\0\0\0\0\0\0Linux\0' |
		dd of=elf bs=1 seek=280 conv=notrunc status=none
	printf '\x30' | dd of=elf bs=1 seek=96 conv=notrunc status=none
	[ "$(doc "$SHORT" elf)" = '["linux","x64","kernel_guest"]' ]
}

@test "doc takes the target of a zbi" {
	elf 28 01
	for t in L:x64 8:arm64 V:riscv64; do
		bytes zbi 64 0 BOOT 4 '\x20' 8 '\xe6\xf7\x8c\x86' 24 '\x29\x17\x78\xb5' \
			32 "KRN${t%:*}"
		expect_error 1 "emu-doc: zbi: a zbi for ${t#*:}, but elf is for arm" emu-doc elf zbi
	done
}

@test "doc knows the demo guest" {
	[ "$(doc "$SHORT" "$EMU_BUILD/demo-x64")" = '["none","x64","kernel_guest"]' ]
	[ ! -e "$EMU_BUILD/demo-arm64" ] ||
		[ "$(doc .target "$EMU_BUILD/demo-arm64")" = '"arm64"' ]
}

@test "doc looks into compressed initrds" {
	need gzip xz zstd lz4 bzip2
	bzimage
	newc cpio
	gzip -k cpio
	xz -k cpio
	zstd -q -k cpio
	lz4 -q -l cpio cpio.lz4
	bzip2 -k cpio
	xz -k --format=lzma cpio
	for f in cpio.*; do
		[ "$(doc .images[1].type bzImage "$f")" = '"initrd"' ]
	done
	[ "$(ls cpio.* | wc -l)" -eq 6 ]
	{ cat cpio.gz; head -c 512 /dev/zero; } >padded
	[ "$(doc .images[1].type bzImage padded)" = '"initrd"' ]
	for f in cpio.*; do
		head -c -4 "$f" >"cut.$f"
		case $f in
		*.gz) what=gzip ;;
		*.zst) what=zstd ;;
		*.bz2) what=bzip2 ;;
		*) what=${f##*.} ;;
		esac
		expect_error 1 "emu-doc: cut.$f: $what data: cut short or damaged" \
			emu-doc bzImage "cut.$f"
	done
}

@test "doc makes a disk with a Linux partition the root of a Linux kernel" {
	bzimage
	gpt disk $ESP $LINUX
	[ "$(doc .drives bzImage disk)" = '[{"image":"blk_disk0","root":2}]' ]
	[ "$(doc .drives -a root=/dev/vda2 bzImage disk)" = '[{"image":"blk_disk0"}]' ]
	gpt many $LINUX $LINUX
	run -0 --separate-stderr emu-doc bzImage many
	[ "$(jq -c .drives <<<"$output")" = '[{"image":"blk_disk0"}]' ]
	[ "$stderr" = 'emu-doc: many: more than one partition could be the root: the kernel is told no root (-a root=/dev/vda1)' ]
	bytes vdi 4096 64 '\x7f\x10\xda\xbe'
	run -0 --separate-stderr emu-doc bzImage vdi
	[ "$stderr" = 'emu-doc: vdi: its content is not looked at: the kernel is told no root (-a root=/dev/vda1)' ]
	[ "$(doc .drives -a root=/dev/vda2 bzImage many)" = '[{"image":"blk_disk0"}]' ]
	bytes mbr 1M 510 '\x55\xaa' 466 '\x83' 470 '\x01' 474 '\x01'
	bytes ext4 1M 1080 '\x53\xef'
	[ "$(doc .drives bzImage many ext4 mbr)" = "$(jq -c . <<<'[
		{"image":"blk_disk0"},{"image":"blk_disk1","root":true},
		{"image":"blk_disk2"}]')" ]
	[ "$(doc .drives bzImage mbr)" = '[{"image":"blk_disk0","root":2}]' ]
	image
	gpt arm $LINUX $ROOT_ARM64
	[ "$(doc .drives Image arm)" = '[{"image":"blk_disk0","root":2}]' ]
	expect_error 1 "emu-doc: arm: a disk with a GPT for arm64, but bzImage is for x64" \
		emu-doc bzImage arm
}

@test "doc gives a blank disk to a kernel" {
	bzimage
	truncate -s 1M blank
	[ "$(doc .drives bzImage blank)" = '[{"image":"blk_disk0"}]' ]
	expect_error 1 "emu-doc: blank: a blank disk: nothing on it starts by itself" \
		emu-doc blank
}

# fat FILE NAME [SIZE [OPTION]]: a FAT in which UEFI finds EFI/BOOT/NAME.
fat() {
	rm -f "$1"
	truncate -s "${3:-3M}" "$1"
	mformat -i "$1" ${4:-} ::
	echo >program
	mmd -i "$1" ::/EFI ::/EFI/BOOT
	mcopy -i "$1" program "::/EFI/BOOT/$2"
}

# with_esp FILE NAME GUID...: a disk with such an ESP, and other partitions.
with_esp() {
	local file=$1
	fat esp "$2"
	shift 2
	gpt "$file" $ESP "$@"
	truncate -s 5M "$file"
	printf '\x00\x08' | dd of="$file" bs=1 seek=$((1024 + 32)) conv=notrunc status=none
	dd if=esp of="$file" bs=1M seek=1 conv=notrunc status=none
}

# firmware_for ARCHITECTURE MACHINE NAME: a description of more firmware.
firmware_for() {
	: >"$3.code"
	: >"$3.vars"
	sed "s/x86_64/$1/; s/pc-i440fx-\*/$2/; s,$PWD/[^.]*,$PWD/$3," qemu/firmware/plain.json \
		>"qemu/firmware/$3.json"
}

# Firmware of one's own, so that what is installed does not matter.
firmware() {
	mkdir -p qemu/firmware
	for name in "$@"; do
		: >"$name.code"
		: >"$name.vars"
		cat >"qemu/firmware/$name.json" <<-END
		{"interface-types": ["uefi"], "targets": [
		  {"architecture": "x86_64", "machines": ["pc-i440fx-*", "pc-q35-*"]},
		  {"architecture": "aarch64", "machines": ["virt-*"]}],
		 "features": ["verbose-static"$(case $name in *secure) printf ', "secure-boot"' ;; esac)],
		 "mapping": {"device": "flash",
		  "executable": {"filename": "$PWD/$name.code", "format": "raw"},
		  "nvram-template": {"filename": "$PWD/$name.vars", "format": "raw"}}}
		END
	done
	export XDG_CONFIG_HOME=$PWD
}

BOOTS='[.target, (.flash != null), .images[0].format]'

@test "doc starts a disk by BIOS where it can, by UEFI where it must" {
	need mformat
	firmware 00-secure 01-plain 02-other
	gpt disk $ESP $BIOS
	[ "$(doc "$BOOTS" disk)" = '["x64",false,null]' ]
	[ "$(doc "$BOOTS" -A i386 disk)" = '["i386",false,null]' ]
	expect_error 1 'emu-doc: disk: a disk with a GPT for x64, not for arm64' \
		emu-doc -A arm64 disk
	with_esp disk BOOTX64.EFI $LINUX
	[ "$(doc "$BOOTS" disk)" = '["x64",true,null]' ]
	[ "$(doc '.images[1:]|map(.path)|join(" ")' disk)" = \
		"\"$PWD/01-plain.code $PWD/01-plain.vars\"" ]
	[ "$(doc .flash disk)" = '{"code":"flash_code","vars":"flash_vars"}' ]
	with_esp disk BOOTAA64.EFI
	[ "$(doc "$BOOTS" disk)" = '["arm64",true,null]' ]
	fat stick BOOTAA64.EFI
	[ "$(doc "$BOOTS" stick)" = '["arm64",true,null]' ]
	bytes mbr 1M 510 '\x55\xaa' 450 '\x0c' 455 '\x08' 458 '\x01'
	cat stick >>mbr
	[ "$(doc "$BOOTS" mbr)" = '["arm64",true,null]' ]
	bytes boot 512 0 '\xeb\xfe' 510 '\x55\xaa'
	[ "$(doc "$BOOTS" boot)" = '["x64",false,null]' ]
	bytes data 1M 510 '\x55\xaa' 446 '\x01' 450 '\xee'
	expect_error 1 "emu-doc: data: cannot tell what it is: a kernel's bare code, or a disk without partitions: write kernel:data or disk:data" \
		emu-doc data
}

@test "doc finds what UEFI starts on a FAT of 12, 16 and 32 bits" {
	need mformat
	firmware plain
	for size in '3M' '40M' '300M -F'; do
		fat stick BOOTAA64.EFI $size
		[ "$(doc "$BOOTS" stick)" = '["arm64",true,null]' ] || { echo "$size"; false; }
		fat stick OTHER.EFI $size
		expect_error 1 'emu-doc: stick: a FAT file system: nothing on it starts by itself' emu-doc stick
	done
}

@test "doc starts a FAT that has a system, and what has a floppy's size as a floppy" {
	need mformat
	firmware plain
	for name in KERNEL.SYS IO.SYS LDLINUX.SYS BOOTMGR; do
		fat dos BOOTX64.EFI 1440K
		[ "$(doc '[.target, .flash.code, .drives[0]]' dos)" = '["x64","flash_code",{"image":"blk_disk0"}]' ]
		mcopy -i dos program "::/$name"
		[ "$(doc '[.target, .flash, .drives]' dos)" = \
			'["x64",null,[{"image":"blk_disk0","interface":"floppy","boot":0}]]' ]
		[ "$(doc '[.target, .flash.code, .drives[0]]' uefi:dos)" = \
			'["x64","flash_code",{"image":"blk_disk0"}]' ]
	done
	bzimage
	[ "$(doc .drives bzImage dos)" = '[{"image":"blk_disk0"}]' ]
	for size in 160 180 320 360 720 1200 1440 2880; do
		bytes floppy ${size}K 0 '\xeb\xfe' 510 '\x55\xaa'
		[ "$(doc '.drives[0].interface' floppy)" = '"floppy"' ]
		bytes floppy $((size * 1024 + 512)) 0 '\xeb\xfe' 510 '\x55\xaa'
		[ "$(doc '.drives[0].interface' floppy)" = null ]
	done
}

@test "doc takes the firmware of the nearest description of a name, and UEFI's alone" {
	need mformat
	gpt disk $ESP
	firmware 50-edk2-x86_64 40-bios
	sed -i 's/"uefi"/"bios"/' qemu/firmware/40-bios.json
	mkdir other
	(cd other && firmware 50-edk2-x86_64)
	XDG_CONFIG_HOME=$PWD/other
	[ "$(doc '.images[1].path' -A x64 disk)" = "\"$PWD/other/50-edk2-x86_64.code\"" ]
	unset XDG_CONFIG_HOME
	mkdir .config
	mv qemu .config/
	[ "$(doc '.images[1].path' -A x64 disk)" = "\"$PWD/50-edk2-x86_64.code\"" ]
	for f in /usr/share/qemu/firmware/*; do
		echo '{}' >".config/qemu/firmware/${f##*/}"
	done
	rm .config/qemu/firmware/50-edk2-x86_64.json
	expect_error 1 'emu-doc: disk: no UEFI firmware for x64 in /usr/share/qemu/firmware (Debian: ovmf)' \
		emu-doc -A x64 disk
}

@test "doc bears a FAT and a qcow2 that are damaged" {
	need mformat qemu-img
	firmware plain
	fat stick BOOTAA64.EFI 40M
	printf '\xff\xff' | dd of=stick bs=1 seek=17 conv=notrunc status=none
	expect_error 1 'emu-doc: stick: a FAT file system: nothing on it starts by itself' emu-doc stick
	with_esp disk BOOTAA64.EFI
	for o in '' -c '-c -o cluster_size=512'; do
		# shellcheck disable=SC2086 # options
		qemu-img convert -O qcow2 $o disk whole
		size=$(stat -c %s whole)
		for ((n = 512; n < size; n += size / 23)); do
			head -c $n whole >q
			run --separate-stderr emu-doc -A arm64 q
			[ "$status" -eq 0 ] || [[ $status = 1 && $stderr = 'emu-doc: q: '* ]]
		done
	done
	# Fewer entries than the size needs.
	printf '\0\0\0\0' | dd of=whole bs=1 seek=36 conv=notrunc status=none
	expect_error 1 'emu-doc: whole: a qcow2 disk: nothing on it starts by itself' emu-doc whole
}

@test "doc says what firmware is missing" {
	gpt disk $ESP
	expect_error 1 "emu-doc: disk: no UEFI firmware for riscv64 in /usr/share/qemu/firmware (Debian: qemu-efi-riscv64)" \
		emu-doc -A riscv64 disk
}

@test "doc asks whose a disk is that does not show it" {
	firmware plain
	gpt disk $ESP
	run -0 --separate-stderr emu-doc disk
	[ "$stderr" = 'emu-doc: disk: for x64 or for arm64? taken for x64 (-A arm64)' ]
	[ "$(jq -r .target <<<"$output")" = x64 ]
	[ "$(doc "$BOOTS" -A arm64 disk)" = '["arm64",true,null]' ]
}

@test "doc looks into a qcow2 disk, also a compressed one" {
	need mformat qemu-img
	firmware plain
	bzimage
	with_esp disk BOOTAA64.EFI $ROOT_ARM64
	for o in '' '-c' '-o compat=0.10' '-c -o cluster_size=2M' \
		'-o extended_l2=on,cluster_size=64k' '-c -o cluster_size=512'; do
		# shellcheck disable=SC2086 # options
		qemu-img convert -O qcow2 $o disk q
		[ "$(doc "$BOOTS" q)" = '["arm64",true,"qcow2"]' ] || { echo "$o"; false; }
	done
	image
	[ "$(doc .drives Image q)" = '[{"image":"blk_disk0","root":2}]' ]
	qemu-img create -q -f qcow2 q 1M
	[ "$(doc .drives bzImage q)" = '[{"image":"blk_disk0"}]' ]
	expect_error 1 'emu-doc: q: a qcow2 disk: nothing on it starts by itself' \
		emu-doc q
}

@test "doc takes a disk that it cannot look into for one that starts" {
	need qemu-img
	firmware plain
	gpt disk $ESP $BIOS
	qemu-img convert -O qcow2 -c -o compression_type=zstd disk zst
	qemu-img convert -O vmdk disk vmdk
	for f in zst vmdk; do
		run -0 --separate-stderr emu-doc $f
		[ "$stderr" = "emu-doc: $f: by BIOS or by UEFI? its content is not looked at: taken for BIOS (uefi:$f)" ]
		[ "$(jq -c '[.target, .flash, .drives]' <<<"$output")" = '["x64",null,[{"image":"blk_disk0"}]]' ]
		[ "$(doc "$BOOTS" -A x64 "uefi:$f" | jq -c .[:2])" = '["x64",true]' ]
	done
}

@test "doc takes a disk's backing files when they are named" {
	need qemu-img mformat
	gpt disk $ESP $BIOS
	mkdir d
	qemu-img create -q -f qcow2 -b "$PWD/disk" -F raw mid
	qemu-img create -q -f qcow2 -b ../mid -F qcow2 d/top
	ln -s d/top link
	local both='.images | map([.name, .format, .backing])'
	[ "$(doc "$both" mid disk)" = "[[\"disk0\",\"qcow2\",\"$PWD/disk\"]]" ]
	[ "$(doc "$both" mid ./disk)" = "[[\"disk0\",\"qcow2\",\"$PWD/disk\"]]" ]
	for f in d/top link; do
		[ "$(doc "$both" disk $f mid)" = "[[\"disk0\",\"qcow2\",[\"$PWD/disk\",\"$PWD/mid\"]]]" ]
	done
	# It starts as the file does that it rests on.
	[ "$(doc .target mid disk)" = '"x64"' ]
	firmware plain
	with_esp efi BOOTAA64.EFI $ROOT_ARM64
	qemu-img create -q -f qcow2 -b efi -F raw overlay
	[ "$(doc "$BOOTS" overlay efi)" = '["arm64",true,"qcow2"]' ]
	image
	[ "$(doc .drives Image overlay efi)" = '[{"image":"blk_disk0","root":2}]' ]
	cp mid other
	[ "$(doc "$both" mid other disk)" = "[[\"disk0\",\"qcow2\",\"$PWD/disk\"],[\"disk1\",\"qcow2\",\"$PWD/disk\"]]" ]
}

# refuses FILE TEXT: emu-doc refuses the file.
refuses() {
	expect_error 1 "emu-doc: $1: $2" emu-doc "$1"
}

@test "doc refuses a disk that rests on a file that was not named" {
	need qemu-img
	gpt disk $BIOS
	cp disk copy
	qemu-img create -q -f qcow2 -b disk -F raw mid
	qemu-img create -q -f qcow2 -b mid -F qcow2 top
	name() {
		echo "its backing file $1 was not named: name it too, as an operand or as \"backing\": \"$PWD/$1\""
	}
	refuses mid "$(name disk)"
	expect_error 1 "emu-doc: mid: $(name disk)" emu-doc mid copy
	expect_error 1 "emu-doc: top: $(name mid)" emu-doc top disk
	expect_error 1 "emu-doc: mid: $(name disk)" emu-doc top mid
	mv disk gone
	refuses mid "its backing file disk: $PWD/disk: No such file or directory"
	mv gone disk
	for b in 'json:{"driver":"file","filename":"gone"}' nbd://127.0.0.1:9/x \
		file:gone fat:rw:/; do
		qemu-img create -q -f qcow2 -u -b "$b" -F raw q 1M
		refuses q "its backing file $b is not a plain file, and is not followed"
	done
	qemu-img create -q -f qcow2 -u -b p -F qcow2 q 1M
	qemu-img create -q -f qcow2 -u -b q -F qcow2 p 1M
	expect_error 1 'emu-doc: q: is its own backing file' emu-doc q p
	# Where the format is not said, QEMU looks, and so does emu-doc.
	qemu-img create -q -f qcow2 -o compat=0.10 -u -b mid -F raw q 1M
	run -0 --separate-stderr emu-doc q mid
	printf '\0\0\0\1' | dd of=q bs=1 seek=72 conv=notrunc status=none
	expect_error 1 "emu-doc: mid: $(name disk)" emu-doc q mid
}

@test "doc refuses a disk whose data is in another file" {
	need qemu-img
	gpt disk $BIOS
	one='make it one file (qemu-img convert -O qcow2)'
	qemu-img create -q -f qcow2 -o data_file=data q 1M
	refuses q "a qcow2 disk whose data is in another file, which is not followed: $one"
	for sub in monolithicFlat twoGbMaxExtentSparse twoGbMaxExtentFlat; do
		qemu-img convert -O vmdk -o subformat=$sub disk v.vmdk
		refuses v.vmdk "a vmdk disk whose data is in other files, which are not followed: $one"
	done
	qemu-img convert -O vmdk disk v
	qemu-img create -q -f vmdk -b v -F vmdk overlay
	refuses overlay "a vmdk disk whose data is in other files, which are not followed: $one"
	# A header that hands over to the description in the file.
	printf '\0\0\0\0\0\0\0\0' | dd of=v bs=1 seek=12 conv=notrunc status=none
	refuses v "a vmdk disk whose data is in other files, which are not followed: $one"
	qemu-img create -q -f qed -o backing_file=disk,backing_fmt=raw q 1M
	refuses q "a QED disk whose backing file is not followed: $one"
	bytes short 1024 0 'QFI\xfb'
	refuses short 'not a qcow2 image'
}

@test "doc starts CDs as they say" {
	need mformat
	firmware plain
	bytes iso 40K 32769 CD001 34823 'EL TORITO SPECIFICATION' 34887 '\x13' \
		38912 '\x01' 38944 '\x88'
	[ "$(doc .drives iso)" = '[{"image":"blk_cd0","interface":"ide","media":"cdrom"}]' ]
	[ "$(doc "$BOOTS" iso)" = '["x64",false,null]' ]
	fat efi BOOTAA64.EFI
	bytes iso 40K 32769 CD001 34823 'EL TORITO SPECIFICATION' 34887 '\x13' \
		38912 '\x01\xef' 38944 '\x88' 38952 '\x14'
	cat efi >>iso
	[ "$(doc "$BOOTS" iso)" = '["arm64",true,null]' ]
	bytes iso 40K 32769 CD001 34823 'EL TORITO SPECIFICATION' 34887 '\x13' \
		38912 '\x01' 38976 '\x91\xef' 39008 '\x88' 39016 '\x14'
	cat efi >>iso
	[ "$(doc "$BOOTS" iso)" = '["arm64",true,null]' ]
	[ "$(doc .drives iso)" = '[{"image":"blk_cd0","interface":"virtio-scsi","media":"cdrom"}]' ]
	gpt disk $BIOS
	[ "$(doc '.drives|map([.image, .boot])' -A x64 disk disk)" = \
		'[["blk_disk0",0],["blk_disk1",1]]' ]
}

@test "doc makes a document of Fuchsia" {
	pvh
	bytes zbi 64 0 BOOT 4 '\x20' 8 '\xe6\xf7\x8c\x86' 24 '\x29\x17\x78\xb5' \
		32 KRNL
	bytes fvm 8192 0 'FVM PART'
	[ "$(doc "$SHORT" elf zbi fvm)" = \
		'["fuchsia","x64","kernel_qemu-kernel zbi_zircon-a blk_storage-full"]' ]
	[ "$(doc '[.cpu,.memory]' elf zbi)" = '[4,4096]' ]
	[ "$(doc '[.cpu,.memory]' -c 2 -m 1 elf zbi)" = '[2,1]' ]
	mkdir dir
	mv elf dir
	cat >dir/images.json <<-'END'
	[{"name": "qemu-kernel", "type": "kernel", "path": "elf"},
	 {"name": "zircon-a", "type": "zbi", "path": "z.zbi"}]
	END
	[ "$(doc "$SHORT" dir/images.json)" = \
		'["fuchsia","x64","kernel_qemu-kernel zbi_zircon-a"]' ]
	[ "$(doc '.images[1].path' dir/images.json)" = "\"$PWD/dir/z.zbi\"" ]
}

@test "doc prints what emu-argv takes" {
	need mformat
	firmware plain
	bzimage
	newc initrd
	pvh
	bytes zbi 64 0 BOOT 4 '\x20' 8 '\xe6\xf7\x8c\x86' 24 '\x29\x17\x78\xb5' \
		32 KRNL
	bytes fvm 8192 0 'FVM PART'
	gpt bios $BIOS $LINUX
	with_esp uefi BOOTX64.EFI
	with_esp arm BOOTAA64.EFI
	bytes dtb 64 0 '\xd0\x0d\xfe\xed'
	bytes ovmf 4096 40 '_FVH'
	bytes iso 40K 32769 CD001 34823 'EL TORITO SPECIFICATION' 34887 '\x13' \
		38912 '\x01' 38944 '\x88'
	image
	while read -r files; do
		# shellcheck disable=SC2086 # several
		emu-doc -m 64 -c 2 $files 2>stderr | emu-argv >words ||
			{ echo "$files"; cat stderr; false; }
		[ "$(tr '\0' '\n' <words | grep -cx -e 64 -e 2)" -eq 2 ]
	done <<-'END'
	bzImage initrd bios iso
	-a quiet bzImage
	elf initrd
	elf zbi fvm
	bios iso
	iso bios
	uefi
	arm
	Image dtb arm
	-A x64 ovmf
	-A i386 bios
	END
}

@test "doc says what a file is that cannot be booted" {
	bzimage
	cat >cases <<-'END'
	echo hello >f|text, nothing to boot
	echo '#!/bin/sh' >f|a script, nothing to boot
	tar -cf f bzImage|a tar archive, nothing to boot
	cp /bin/true f|an ELF program for an operating system, nothing to boot
	elf b7 02 01; mv elf f|an ELF object, not linked, nothing to boot
	elf b7 02 04; mv elf f|an ELF core dump, nothing to boot
	elf 3e 02; mv elf f|an ELF kernel: it has neither a PVH note nor a multiboot header
	elf 16 02; mv elf f|an ELF kernel: for no machine known here
	head -c 30 /bin/true >f|an ELF kernel: cut short
	head -c 2000 bzImage >f|a bzImage: cut short
	gzip </etc/passwd >f|gzip data: it holds nothing to boot
	truncate -s 1M d; gzip -c d >f|gzip data: unpack it first
	printf '\037\213' >f|gzip data: cut short or damaged
	printf '\1\2\3' >f|cannot tell what it is: no disk (its size is no multiple of 512), and no kernel known here: write bios:f, kernel:f and so on
	bytes f 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x64\x86' 220 '\x03'|a Windows program, nothing to boot
	bytes f 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x64\x86' 220 '\x0b'|a UEFI driver, nothing to boot
	bytes f 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x66\x01' 220 '\x0a'|a UEFI application: for no machine known here
	bytes f 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\0\0' 220 '\x0a'|a UEFI application: for no machine known here
	bytes f 4096 0 '\x27\x05\x19\x56' 28 '\x05\0\x02'|a uImage: QEMU takes it for arm alone: take the file out of it (dumpimage)
	bytes f 4096 0x24 '\x18\x28\x6f\x01' 0x2d '\x20'|an arm zImage: cut short
	bytes f 64 0 BOOT 8 '\xe6\xf7\x8c\x86'|a zbi: its header is damaged
	bytes f 64 0 BOOT 4 '\x40' 8 '\xe6\xf7\x8c\x86' 24 '\x29\x17\x78\xb5'|a zbi: cut short
	bytes f 1M 510 '\x55\xaa' 450 '\xee' 512 'EFI PART'|a disk with a GPT: its partition table is damaged
	printf '\1\2\3' >d; rm -f f.gz; gzip -c d >f|gzip data: what it holds is neither an initrd nor anything else known here
	bytes f 512 0 '\1\2\3'|cannot tell what it is: a kernel's bare code, or a disk without partitions: write kernel:f or disk:f
	: >f|empty
	END
	while IFS='|' read -r make line; do
		eval "$make"
		expect_error 1 "emu-doc: f: $line" emu-doc f
	done <cases
	elf 3e 02
	printf '\xd6\x50\x52\xe8' | dd of=elf bs=1 seek=4096 conv=notrunc status=none
	expect_error 1 "emu-doc: elf: an ELF kernel: QEMU does not start multiboot 2 kernels: make a bootable image of it" emu-doc elf
}

@test "doc takes data beside a kernel for a disk and says so" {
	bzimage
	bytes f 512 0 '\1\2\3'
	run -0 --separate-stderr emu-doc bzImage f
	[ "$stderr" = 'emu-doc: f: an initrd or a disk without partitions? taken for a disk (initrd:f)' ]
	[ "$(jq -c .drives <<<"$output")" = '[{"image":"blk_disk0"}]' ]
}

@test "doc refuses files that do not go together" {
	bad=$(printf 'a\xff')
	bzimage
	bzimage b2
	image
	newc
	bytes zbi 64 0 BOOT 4 '\x20' 8 '\xe6\xf7\x8c\x86' 24 '\x29\x17\x78\xb5'
	expect_error 1 'emu-doc: b2: a second kernel beside bzImage' emu-doc bzImage b2
	expect_error 1 'emu-doc: initrd: an initrd needs a kernel' emu-doc initrd
	expect_error 1 'emu-doc: zbi: a zbi needs a kernel that starts it (qemu-kernel)' \
		emu-doc zbi
	expect_error 1 'emu-doc: Image: an arm64 Image for arm64, not for x64' \
		emu-doc -A x64 Image
	expect_error 1 'emu-doc: initrd: a cpio archive beside a zbi (zbi)' \
		emu-doc bzImage zbi initrd
	bytes fvm 8192 0 'FVM PART'
	expect_error 1 'emu-doc: fvm: a second disk beside fvm, where Fuchsia has one' \
		emu-doc bzImage zbi fvm fvm
	bytes disk 512 0 '\xeb\xfe' 510 '\x55\xaa'
	expect_error 1 'emu-doc: -a quiet: disk takes no arguments' \
		emu-doc -A x64 -a quiet disk
	echo '[]' >images.json
	expect_error 1 'emu-doc: images.json: a manifest beside other files' \
		emu-doc bzImage images.json
	expect_error 1 "emu-doc: -a $bad: not UTF-8" emu-doc -a "$bad" bzImage
	bytes app 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x64\xaa' 220 '\x0a'
	expect_error 1 'emu-doc: bzImage: a kernel beside a UEFI application (app)' \
		emu-doc bzImage app
	mkdir dir
	cp initrd zbi dir
	echo '[{"name": "qemu-kernel", "type": "kernel", "path": "initrd"},
		{"name": "zircon-a", "type": "zbi", "path": "zbi"}]' >dir/images.json
	expect_error 1 "emu-doc: $PWD/dir/initrd: a cpio archive: for which target? (-A)" \
		emu-doc dir/images.json
	echo '[{"name": "qemu-kernel", "type": "kernel", "path": 5}]' >images.json
	expect_error 1 'emu-doc: images.json: images[0].path: expected a string' emu-doc images.json
	echo '[]' >images.json
	expect_error 1 'emu-doc: images.json: no kernel_qemu-kernel' emu-doc images.json
	echo '[' >images.json
	for t in '' '-A x64'; do
		# shellcheck disable=SC2086 # an option
		expect_error 1 "emu-doc: images.json:2:1: ']' expected near end of file" \
			emu-doc $t images.json
	done
}

@test "doc refuses what is no file without waiting for it" {
	expect_error 1 'emu-doc: /dev/null: neither a file nor a block device' \
		emu-doc /dev/null
	expect_error 1 "emu-doc: .: Is a directory" emu-doc .
	expect_error 1 "emu-doc: none: No such file or directory" emu-doc none
	bzimage
	expect_error 1 "emu-doc: none: No such file or directory" emu-doc bzImage none
}

@test "doc refuses an unreadable file and names it" {
	bzimage
	chmod 0 bzImage
	if [ "$(id -u)" -eq 0 ]; then
		chmod 711 . .. ../.. 2>/dev/null || true
		cp "$EMU_BUILD/emu-doc" "$EMU_ROOT/share/targets.json" .
		cd /
		expect_error 1 "emu-doc: $BATS_TEST_TMPDIR/bzImage: Permission denied" \
			setpriv --reuid 65534 --clear-groups \
			"$BATS_TEST_TMPDIR/emu-doc" "$BATS_TEST_TMPDIR/bzImage"
	else
		expect_error 1 "emu-doc: bzImage: Permission denied" emu-doc bzImage
	fi
}

@test "doc names a path that is not UTF-8" {
	bad=$(printf 'b\xff')
	bzimage "$bad"
	expect_error 1 "emu-doc: $bad: its path is not UTF-8, as a document has to be" \
		emu-doc "$bad"
}

@test "doc needs the program that unpacks a file" {
	bzimage
	newc cpio
	gzip cpio
	expect_error 1 'emu-doc: cpio.gz: gzip data, to be looked at by gzip: No such file or directory' \
		env PATH="$PWD" "$EMU_BUILD/emu-doc" bzImage cpio.gz
}

@test "doc is quick with files without end" {
	bzimage
	truncate -s 1T huge
	[ "$(timeout 10 emu-doc bzImage huge | jq -c .drives)" = '[{"image":"blk_disk0"}]' ]
	head -c 20M /dev/zero | gzip -1 >bomb
	for ((i = 0; i < 8; i++)); do cat bomb; done >bombs
	expect_error 1 'emu-doc: bombs: gzip data: unpack it first' \
		timeout 10 emu-doc bombs
}

@test "doc takes its files' names as they are" {
	bzimage ./-x
	expect_error 1 "emu-doc: a?b: No such file or directory" emu-doc $'a\nb'
	bzimage $'a\nb "\\'
	[ "$(doc '.images[0].path' -- $'a\nb "\\')" = \
		"$(jq -n --arg p "$PWD"$'/a\nb "\\' '$p')" ]
	[ "$(doc '.images[0].path' -- -x)" = "\"$PWD/-x\"" ]
	ln -s loop loop
	expect_error 1 "emu-doc: loop: Too many levels of symbolic links" emu-doc loop
}

@test "doc explains its usage" {
	usage='usage: emu-doc [-u] [-A target] [-a arg]... [-c cpus] [-e word]... [-f rule]...
               [-k yes|no|auto] [-m MiB] [-n name] [-s dir]... file ...'
	expect_error 2 "emu-doc: no file
$usage" emu-doc
	expect_error 2 "emu-doc: -m: not a number from 1: 0
$usage" emu-doc -m 0 x
	expect_error 2 "emu-doc: -c: not a number from 1: 1x
$usage" emu-doc -c 1x x
	expect_error 2 "emu-doc: -A: not one of $(jq -r '[.targets[].name] | join(", ")' \
		"$EMU_ROOT/share/targets.json"): mips
$usage" emu-doc -A mips x
	expect_error 2 "emu-doc: -k: not yes, no or auto: 1
$usage" emu-doc -k 1 x
	run -2 emu-doc -z
	[ "$(emu-doc -V)" = 'emu-doc 0.1' ]
	run -0 emu-doc -h
	[ "${lines[0]}" = "${usage%%$'\n'*}" ]
	[[ $output = *' -s dir '*' share a directory: [tag=]dir'* ]]
	expect_error 1 'emu-doc: <stdout>: No space left on device' sh -c 'emu-doc -V >/dev/full'
}

@test "doc spells targets as Linux, Debian, Go and QEMU do" {
	bytes disk 512 0 '\xeb\xfe' 510 '\x55\xaa'
	gpt none $ESP
	firmware plain
	for t in x64/x86_64 x64/amd64 arm64/aarch64 arm64/arm64; do
		[ "$(doc .target -A "${t#*/}" none)" = "\"${t%/*}\"" ]
	done
	[ "$(doc .target -A i686 disk)" = '"i386"' ]
	bytes Image 4096 56 'RSC\x05'
	[ "$(doc .target -A riscv Image)" = '"riscv64"' ]
}

@test "doc takes an operand's word for what a file is" {
	bytes blob 70000 0 '\1\2\3'
	bytes fs 1M 1080 '\x53\xef'
	bzimage
	types='[.target, [.images[] | .type], .drives, .flash]'
	[ "$(doc "$types" -A arm64 bios:blob)" = '["arm64",["bios"],null,null]' ]
	[ "$(doc "$types" -A arm64 kernel:blob)" = '["arm64",["kernel"],null,null]' ]
	[ "$(doc "$types" -A x64 disk:blob)" = '["x64",["blk"],[{"image":"blk_disk0"}],null]' ]
	[ "$(doc "$types" bzImage initrd:blob)" = '["x64",["kernel","initrd"],null,null]' ]
	[ "$(doc "$types" bzImage initrd:fs)" = '["x64",["kernel","initrd"],null,null]' ]
	[ "$(doc "$types" bzImage disk:fs)" = '["x64",["kernel","blk"],[{"image":"blk_disk0","root":true}],null]' ]
	[ "$(doc "$types" -A x64 cdrom:fs)" = '["x64",["blk"],[{"image":"blk_cd0","interface":"ide","media":"cdrom"}],null]' ]
	[ "$(doc "$types" -A arm flash:blob flash:fs)" = '["arm",["flash","flash"],null,{"code":"flash_code","vars":"flash_vars"}]' ]
	[ "$(doc '.images[0].path' -A arm64 bios:blob)" = "\"$PWD/blob\"" ]
	# A file of that whole name is a file.
	cp bzImage disk:fs
	[ "$(doc "$types" disk:fs)" = '["x64",["kernel"],null,null]' ]
	expect_error 1 'emu-doc: none: No such file or directory' emu-doc bios:none
	# A word that is none belongs to the name.
	expect_error 1 'emu-doc: rom:blob: No such file or directory' emu-doc rom:blob
}

@test "doc starts by UEFI what may start either way, when asked" {
	need mformat qemu-img
	firmware plain
	with_esp disk BOOTX64.EFI $BIOS
	[ "$(doc "$BOOTS" disk)" = '["x64",false,null]' ]
	[ "$(doc "$BOOTS" uefi:disk)" = '["x64",true,null]' ]
	qemu-img convert -O qcow2 disk q
	[ "$(doc "$BOOTS" uefi:q)" = '["x64",true,"qcow2"]' ]
	qemu-img create -q -f qcow2 -b disk -F raw overlay
	[ "$(doc "$BOOTS" uefi:overlay disk)" = '["x64",true,"qcow2"]' ]
}

# At the end of what a PC starts from.
VECTOR='\x90\x90\xe9\x5b\xff\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90'
VARIABLES='\x8d\x2b\xf1\xff\x96\x76\x8b\x4c\xa9\x85\x27\x47\x07\x5b\x4f\x50'

@test "doc knows firmware, its code and its variables" {
	parts='[.target, (.images | map(.type + "_" + .name)), .flash]'
	bytes code 4096 40 _FVH 4080 "$VECTOR"
	bytes vars 4096 16 "$VARIABLES" 40 _FVH
	bytes whole 8192 16 "$VARIABLES" 40 _FVH 8176 "$VECTOR"
	[ "$(doc "$parts" code)" = '["x64",["flash_code"],{"code":"flash_code"}]' ]
	[ "$(doc "$parts" vars code)" = '["x64",["flash_code","flash_vars"],{"code":"flash_code","vars":"flash_vars"}]' ]
	[ "$(doc "$parts" whole)" = '["x64",["bios_guest"],null]' ]
	expect_error 1 "emu-doc: vars: UEFI's variables need the firmware beside them" emu-doc vars
	bytes arm64 8192 3 '\x14' 0x1028 _FVH
	bytes arm 8192 3 '\xea' 0x1028 _FVH
	[ "$(doc "$parts" arm64)" = '["arm64",["bios_guest"],null]' ]
	[ "$(doc "$parts" arm)" = '["arm",["bios_guest"],null]' ]
	[ "$(doc "$parts" arm64 vars)" = '["arm64",["flash_code","flash_vars"],{"code":"flash_code","vars":"flash_vars"}]' ]
	bytes bios 131072 131056 '\xea\x5b\xe0\x00\xf006/23/99'
	bytes rom 131072 131056 '\xfa\xfc\xe9'
	[ "$(doc "$parts" bios)" = '["x64",["bios_guest"],null]' ]
	[ "$(doc "$parts" rom)" = '["x64",["bios_guest"],null]' ]
	[ "$(doc .target -A i386 bios)" = '"i386"' ]
	# What firmware does not show, its description says.
	mkdir -p .config/qemu/firmware
	bytes other 4096 40 _FVH
	ln other described
	echo '{"mapping": {"device": "flash", "executable": {"filename": "'"$PWD"'/described"}},
		"targets": [{"architecture": "riscv64", "machines": ["virt"]}]}' >.config/qemu/firmware/1.json
	[ "$(doc "$parts" other)" = '["riscv64",["flash_code"],{"code":"flash_code"}]' ]
}

@test "doc knows Debian's firmware" {
	[ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] && [ -e /usr/share/AAVMF/AAVMF_CODE.fd ] || need ovmf-firmware
	[ "$(doc '[.target, .flash]' /usr/share/OVMF/OVMF_{CODE,VARS}_4M.fd)" = \
		'["x64",{"code":"flash_code","vars":"flash_vars"}]' ]
	[ "$(doc '[.target, .images[0].type]' /usr/share/AAVMF/AAVMF_CODE.fd)" = '["arm64","bios"]' ]
	[ "$(doc '[.target, .images[0].type]' /usr/share/seabios/bios-256k.bin)" = '["x64","bios"]' ]
}

@test "doc knows kernels of other kinds, and what is none" {
	firmware plain
	bytes z 4096 0 'MZ\0\0zimg\x00\x01\0\0\x00\x01\0\0' 24 gzip 0x3c '\x80' 128 'PE\0\0\x64\xaa'
	[ "$(doc '[.guest, .target, .images[0].decompress, .flash]' z)" = '["linux","arm64",true,null]' ]
	# QEMU starts no bare Image on loong64.
	firmware_for loongarch64 virt loong
	bytes z 4096 0 'MZ\0\0zimg\x00\x01\0\0\x00\x01\0\0' 24 gzip 0x3c '\x80' 128 'PE\0\0\x64\x62'
	[ "$(doc '[.guest, .target, .images[0].decompress, .flash.code]' z)" = '["linux","loong64",null,"flash_code"]' ]
	bytes z 400 0 'MZ\0\0zimg\x00\x01\0\0\x00\x01\0\0' 24 gzip 0x3c '\x80' 128 'PE\0\0\x64\xaa'
	expect_error 1 'emu-doc: z: an EFI zboot kernel: cut short' emu-doc z
	# A riscv64 ELF file at the beginning of memory is firmware.
	bytes elf 4096 0 '\x7fELF\x02\x01\x01' 16 '\x02' 18 '\xf3' 32 '\x40' 54 '\x38' 56 '\x01' \
		64 '\x01' 88 '\0\0\0\x80'
	[ "$(doc "$SHORT" elf)" = '["none","riscv64","bios_guest"]' ]
	bytes elf 4096 0 '\x7fELF\x02\x01\x01' 16 '\x02' 18 '\xf3' 32 '\x40' 54 '\x38' 56 '\x01' \
		64 '\x01' 88 '\0\0\x20\x80'
	[ "$(doc "$SHORT" elf)" = '["none","riscv64","kernel_guest"]' ]
	# syssize counts paragraphs, the last may not be whole.
	bytes bz 2570 0x1fe '\x55\xaa' 0x202 HdrS 0x206 '\x0f\x02' 0x236 '\x01' 0x1f4 '\x01'
	[ "$(doc "$SHORT" bz)" = '["linux","x64","kernel_guest"]' ]
	truncate -s 2560 bz
	expect_error 1 'emu-doc: bz: a bzImage: cut short' emu-doc bz
	# A version that nobody built is not Linux's.
	bytes bz 2560 0x1fe '\x55\xaa' 0x202 HdrS 0x206 '\x0f\x02' 0x236 '\x01' 0x20e '\x00\x01' 0x300 '6.1 (a@b) #1'
	[ "$(doc .guest bz)" = '"linux"' ]
	bytes bz 2560 0x1fe '\x55\xaa' 0x202 HdrS 0x206 '\x0f\x02' 0x236 '\x01' 0x20e '\x00\x01' 0x300 'Memtest86+ v6'
	[ "$(doc '[.guest, .machine]' bz)" = '["none","q35,graphics=off"]' ]
	bytes app 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x4c\x01' 220 '\x0a'
	run -1 --separate-stderr emu-doc app
	[ "$stderr" = 'emu-doc: app: no UEFI firmware for i386 in /usr/share/qemu/firmware (Debian: ovmf-ia32)' ]
	bytes u 4096 0 '\x27\x05\x19\x56' 28 '\x05\x02\x02'
	[ "$(doc "$SHORT" u)" = '["linux","arm","kernel_guest"]' ]
	bytes u 4096 0 '\x27\x05\x19\x56' 28 '\x05\x16\x02'
	expect_error 1 'emu-doc: u: a uImage: QEMU takes it for arm alone: take the file out of it (dumpimage)' emu-doc u
	bytes r 4096 0 '\x27\x05\x19\x56' 28 '\x05\x02\x03'
	bytes zimage 4096 0x24 '\x18\x28\x6f\x01'
	[ "$(doc "$SHORT" zimage r)" = '["linux","arm","kernel_guest initrd_guest"]' ]
	bytes fit 4096 0 '\xd0\x0d\xfe\xed' 59 '\x01images'
	expect_error 1 'emu-doc: fit: a FIT image, whose parts QEMU does not start (dumpimage takes them out), nothing to boot' emu-doc fit
}

@test "doc gives a multiboot kernel a Linux and its initrd as modules" {
	bzimage
	newc
	elf 03 01
	printf '\x02\xb0\xad\x1b' | dd of=elf bs=1 seek=4096 conv=notrunc status=none
	cp elf xen
	gzip xen
	want='["none","x64","kernel_guest",[{"image":"kernel_dom0","args":"console=hvc0 panic=-1"},{"image":"initrd_guest"}],["console=com1","smap=0","more"]]'
	for files in 'xen.gz bzImage initrd' 'initrd bzImage elf'; do
		# shellcheck disable=SC2086 # several
		[ "$(doc '[.guest, .target, .kernel, .modules, .args]' -a more $files)" = "$want" ]
		[ "$(jq -r '.images[] | select(.name == "dom0") | .path' document)" = "$PWD/bzImage" ]
	done
	[ "$(doc '[.images[0].decompress, (.modules | length)]' xen.gz bzImage)" = '[true,1]' ]
	cp bzImage other
	expect_error 1 'emu-doc: other: a second kernel beside elf' emu-doc elf bzImage other
	expect_error 1 'emu-doc: xen.gz: a second kernel beside elf' emu-doc elf xen.gz
	emu-doc -k no elf bzImage initrd | emu-argv >words
	[ "$(tr '\0' '\n' <words | grep -A1 -e -initrd)" = "-initrd
$PWD/bzImage console=hvc0 panic=-1,$PWD/initrd" ]
}

@test "doc takes data beside firmware for neither a kernel nor a disk" {
	bytes elf 4096 0 '\x7fELF\x02\x01\x01' 16 '\x02' 18 '\xf3' 32 '\x40' 54 '\x38' 56 '\x01' \
		64 '\x01' 88 '\0\0\0\x80'
	bytes f 512 0 '\1\2\3'
	# U-Boot behind OpenSBI is a kernel, xv6's file system is a disk.
	expect_error 1 "emu-doc: f: cannot tell what it is: a kernel's bare code, or a disk without partitions: write kernel:f or disk:f" \
		emu-doc elf f
	[ "$(doc "$SHORT" elf kernel:f)" = '["none","riscv64","kernel_guest bios_guest"]' ]
	[ "$(doc .drives elf disk:f)" = '[{"image":"blk_disk0"}]' ]
}

@test "doc gives a UEFI application arguments, and a disk whose script ends the run" {
	firmware plain
	bytes app 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x64\xaa\x02' 148 '\xf0' 220 '\x0a'
	gpt data $LINUX
	[ "$(doc '[.args, .drives]' -a one app)" = '[["one"],[{"image":"blk_startup","readonly":true}]]' ]
	path=$(emu-doc app | jq -r '.images[1].path')
	[ "$(realpath "$path")" = "$(realpath "$EMU_ROOT/share/startup.img")" ]
	[ "$(doc '.drives | map(.image)' app data)" = '["blk_disk0","blk_startup"]' ]
	# A unified kernel image.
	bytes uki 4096 0 MZ 0x3c '\x80' 128 'PE\0\0\x64\xaa\x02' 148 '\xf0' 220 '\x0a' \
		392 .text 432 .cmdline
	[ "$(doc .args uki)" = null ]
	run -0 --separate-stderr emu-doc -a quiet uki
	[ "$stderr" = 'emu-doc: uki: its own command line is replaced' ]
	[ "$(jq -c .args <<<"$output")" = '["quiet"]' ]
}

@test "doc knows initrds behind zeros and in lzop, and strangers' disks" {
	need lzop gzip qemu-img
	bzimage
	newc initrd
	gzip -k initrd
	{ head -c 512 /dev/zero; cat initrd.gz; } >padded
	[ "$(doc "$SHORT" bzImage padded)" = '["linux","x64","kernel_guest initrd_guest"]' ]
	lzop -q initrd
	[ "$(doc "$SHORT" bzImage initrd.lzo)" = '["linux","x64","kernel_guest initrd_guest"]' ]
	qemu-img create -q -f qed d 1M
	[ "$(doc '.images[1].format' -a root=/dev/vda bzImage d)" = '"qed"' ]
	qemu-img create -q -f parallels d 1M
	[ "$(doc '.images[1].format' -a root=/dev/vda bzImage d)" = '"parallels"' ]
	bytes sparse 4096 0 '\x3a\xff\x26\xed'
	[ "$(doc '.images[1] | [.name, .format, .convert]' -a root=/dev/vda bzImage sparse)" = '["disk0",null,"raw"]' ]
	# The types of the root partitions of i386 and arm, and /usr's of x64.
	firmware plain
	gpt d 4095474497f2b2419af7d131d5f0458a
	bytes i386 2560 0x1fe '\x55\xaa' 0x202 HdrS 0x206 '\x0f\x02'
	[ "$(doc .drives i386 d)" = '[{"image":"blk_disk0","root":1}]' ]
	gpt d 0c6884842195c6489c11b0720656f69e $LINUX
	[ "$(doc .drives bzImage d)" = '[{"image":"blk_disk0","root":2}]' ]
	gpt d 10d7da69e42c3c4eb16c21a1d49abed3
	bytes zimage 4096 0x24 '\x18\x28\x6f\x01'
	[ "$(doc .drives zimage d)" = '[{"image":"blk_disk0","root":1}]' ]
}

@test "doc forwards ports and shares directories, and passes words on" {
	bzimage
	mkdir d a=b
	[ "$(doc .netdevs -f 2222:22 -f udp:127.0.0.1:5353:53 -f :80 -f tcp:1:2 bzImage)" = \
		'[{"backend":"user","forwards":[{"host":2222,"guest":22},{"host":5353,"guest":53,"protocol":"udp","address":"127.0.0.1"},{"host":0,"guest":80},{"host":1,"guest":2}]}]' ]
	[ "$(doc .shares -s d -s tag=d -s a=b -s . bzImage)" = \
		"[{\"path\":\"$PWD/d\",\"tag\":\"share0\"},{\"path\":\"$PWD/d\",\"tag\":\"tag\"},{\"path\":\"$PWD/a=b\",\"tag\":\"share2\"},{\"path\":\"$PWD/.\",\"tag\":\"share3\"}]" ]
	[ "$(doc '[.extra, .kvm]' -e -s -e -S bzImage)" = '[["-s","-S"],"auto"]' ]
	[ "$(doc .kvm -k yes bzImage)" = true ]
	[ "$(doc .kvm -k no bzImage)" = false ]
	emu-doc -k no -f :22 -f 2222:22 -s d -e -S bzImage | emu-argv >words
	tr '\0' '\n' <words | grep -Fx user,id=net0,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:2222-:22
	tr '\0' '\n' <words | grep -Fx -e -S
	tr '\0' '\n' <words | grep -F "path=$PWD/d"
	for rule in 22 a:22 1:0 1:65536 x:1:2 ::1:22 udp:22 1:2: ''; do
		expect_error 1 "emu-doc: -f $rule: expected [udp:][address:]host:guest" \
			emu-doc -f "$rule" bzImage
	done
	expect_error 1 'emu-doc: -s nope: No such file or directory' emu-doc -s nope bzImage
	expect_error 1 'emu-doc: -s bzImage: not a directory' emu-doc -s t=bzImage bzImage
	long=$(printf '%032d' 0)
	expect_error 1 "emu-doc: -s $long=d: a tag has at most 31 bytes" emu-doc -s "$long=d" bzImage
}

@test "doc prints a document with what the options add" {
	echo '{"x-mine": 1.5, "target": "x64", "guest": "linux", "args": ["a"],
		"netdevs": [{"backend": "tap"}, {"backend": "user", "forwards": [{"host": 1, "guest": 2}]}]}' >d.json
	[ "$(doc . d.json)" = "$(jq -c . d.json)" ]
	[ "$(doc . - <d.json)" = "$(jq -c . d.json)" ]
	[ "$(doc '[.["x-mine"], .target, .args, .cpu, .memory, .kvm, .netdevs[1].forwards]' \
		-a b -c 2 -m 64 -k auto -A arm64 -f 3:4 d.json)" = \
		'[1.5,"arm64",["a","b"],2,64,"auto",[{"host":1,"guest":2},{"host":3,"guest":4}]]' ]
	# botanist's configuration is an array of one.
	jq -s . d.json >array.json
	[ "$(doc . array.json)" = "$(jq -c . d.json)" ]
	jq -s '. + .' d.json >two.json
	run -1 --separate-stderr emu-doc two.json
	[[ $stderr = 'emu-doc: two.json: '*jq* ]]
	echo '[{"name": "k", "type": "kernel", "path": "k"}]' >images.json
	[ "$(doc .images d.json images.json)" = "[{\"name\":\"k\",\"type\":\"kernel\",\"path\":\"$PWD/./k\"}]" ]
	[ "$(doc .images images.json - <d.json)" = "[{\"name\":\"k\",\"type\":\"kernel\",\"path\":\"$PWD/./k\"}]" ]
	bzimage
	expect_error 1 'emu-doc: bzImage: a bzImage beside a document (d.json), which names its files' \
		emu-doc bzImage d.json
	expect_error 1 'emu-doc: -: a second document beside d.json' emu-doc d.json - <d.json
	expect_error 1 'emu-doc: <stdin>: empty' emu-doc - </dev/null
	echo '{"args": {}}' >d.json
	expect_error 1 'emu-doc: d.json: args: expected an array' emu-doc -a x d.json
	echo '{"netdevs": 1}' >d.json
	expect_error 1 'emu-doc: d.json: netdevs: expected an array' emu-doc -f 1:2 d.json
}

@test "doc tells that nobody took its output" {
	bzimage
	expect_error 1 'emu-doc: <stdout>: No space left on device' \
		sh -c 'exec emu-doc bzImage >/dev/full'
	gpt disk $ESP
	truncate -s 2M disk
	expect_error 1 'emu-doc: <stdout>: No space left on device' \
		sh -c 'exec emu-doc disk >/dev/full'
	expect_error 1 'emu-doc: <stdout>: Bad file descriptor' \
		sh -c 'exec emu-doc bzImage >&-'
}
