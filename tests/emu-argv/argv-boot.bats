load ../lib

# example EXAMPLE [NAME [FILTER]]: the example, changed by jq's FILTER, is to be
# booted as NAME.
example() {
	jq "${3:-.}" "$EMU_ROOT/share/examples/$1.json" >"${2:-$1}.json"
	names+=("${2:-$1}")
}

# linux_example EXAMPLE: to its first program, which powers off.
linux_example() {
	example "$1" "$1" '.args |= map(select(. != "quiet")) +
		["rdinit=/bin/busybox", "--", "poweroff", "-f"]'
}

# fuchsia: its images, with a fake Zircon of ours.
fuchsia() {
	ln -s "$EMU_BUILD/demo-zircon" x64/multiboot.bin
	"$EMU_ROOT/tests/zbi.py" x64/fuchsia.zbi 'CMDL=from.the=zbi'
	"$EMU_BUILD/tests/emu-fvm-extend/image" make x64/fvm.blk 1048576 ab.c
	ln -s "$EMU_BUILD/demo-arm64" arm64/multiboot.bin
	ln -s ../x64/fuchsia.zbi arm64/
}

# All machines are started here, two at a time; the tests look at how they went.
# Images are there under the names that the examples have for them.
setup_file() {
	need qemu-system-x86_64 qemu-system-aarch64 qemu-system-arm qemu-img truncate genisoimage cpio
	"$EMU_ROOT/tests/whole/kernels/fetch" amd64 arm64 armhf
	cd "$BATS_FILE_TMPDIR"
	mkdir x64 arm64
	for pair in x64:amd64 arm64:arm64; do
		ln -s "$EMU_BUILD/kernels/vmlinuz-${pair#*:}" "${pair%:*}/vmlinuz"
		ln -s "$EMU_BUILD/kernels/initrd-${pair#*:}.gz" "${pair%:*}/initrd.gz"
		ln -s "$EMU_BUILD/demo-${pair%:*}" "${pair%:*}/"
	done
	printf 'a sector of text\n' >x64/disk.img
	truncate -s 1M x64/disk.img
	qemu-img create -q -f qcow2 x64/disk.qcow2 1M
	# A boot sector: 'b' on the serial line, and isa-debug-exit with 3.
	printf '\xba\xf8\x03\xb0b\xee\xb0\x03\xe6\xf4\xf4' >x64/boot.img
	truncate -s 510 x64/boot.img
	printf '\x55\xaa' >>x64/boot.img
	truncate -s 1M x64/boot.img
	# The same on a CD: 'c', and the power off of a q35.
	mkdir cd
	printf '\xba\xf8\x03\xb0c\xee\xba\x04\x06\xb8\x00\x20\xef\xf4' >cd/boot
	truncate -s 2048 cd/boot
	genisoimage -quiet -b boot -no-emul-boot -boot-load-size 4 -o x64/cd.iso cd
	# A disk with two partitions, and an init that looks at what root= names.
	truncate -s 4M x64/root.img
	printf '\x83\0\0\0\0\x08\0\0\0\x08' | dd of=x64/root.img bs=1 seek=450 conv=notrunc status=none
	printf '\x83\0\0\0\0\x10\0\0\0\x08' | dd of=x64/root.img bs=1 seek=466 conv=notrunc status=none
	printf '\x55\xaa' | dd of=x64/root.img bs=1 seek=510 conv=notrunc status=none
	printf 'the root\n' | dd of=x64/root.img bs=1M seek=2 conv=notrunc status=none
	mkdir root
	sed 's,^setsid.*,root=$(tr " " "\\n" </proc/cmdline | sed -n s/^root=//p); head -n 1 "$root",' \
		"$EMU_ROOT/tests/whole/kernels/init" >root/init
	chmod +x root/init
	(cd root && echo init | cpio -o -H newc --quiet | gzip) | cat x64/initrd.gz - >x64/root.gz
	# What a board of arm is, by QEMU's own word, without the room that it leaves:
	# Linux maps no tree of more than a MiB.
	ln -s "$EMU_BUILD/kernels/vmlinuz-armhf" x64/zImage
	ln -s "$EMU_BUILD/kernels/initrd-armhf.gz" x64/arm.gz
	qemu-system-arm -nodefaults -display none -machine virt,dumpdtb=board.dtb -cpu cortex-a15 \
		-m 1024 -kernel x64/zImage
	python3 - <<-'PY'
		import struct
		tree = bytearray(open("board.dtb", "rb").read())
		head = struct.unpack(">10I", tree[:40])
		size = max(head[2] + head[9], head[3] + head[8])
		struct.pack_into(">I", tree, 4, size)
		open("x64/board.dtb", "wb").write(tree[:size])
	PY
	fuchsia

	names=()
	# There may be neither KVM nor a tap of one's own here.
	example fuchsia fuchsia '.[0].kvm = "auto"'
	example fuchsia-2024 fuchsia-2024 '.user_networking = true'
	[ ! -e "$EMU_BUILD/demo-arm64" ] ||
		example fuchsia-many fuchsia-many-arm64 '.user_networking = true'
	example cdrom
	example linux-root linux-root '.images[1].path = "root.img" | .images += [
		{name: "x", type: "initrd", path: "root.gz"}]'
	example arm arm '.args = ["rdinit=/bin/busybox", "--", "poweroff", "-f"] | .images += [
		{name: "x", type: "initrd", path: "arm.gz"}]'
	echo BdsDxe >fuchsia-2024.until
	echo BdsDxe >uefi.until
	echo 'UEFI firmware' >uefi-arm64.until
	echo OpenSBI >riscv64.until
	for e in uefi linux-drives linux-kvm linux-network linux-cluster linux-share linux-serials linux-arm64 \
		linux uefi-arm64 riscv64 demo demo-exit demo-disk disk; do
		case $e in
		linux*) linux_example "$e" ;;
		*) example "$e" ;;
		esac
	done
	[ ! -e "$EMU_BUILD/demo-arm64" ] || example demo-arm64
	for end in panic fault reset; do
		example demo "demo-$end" ".args = [\"$end\"]"
	done
	example linux linux-panic '.args += ["rdinit=/none", "init=/none"] |
		.images |= map(select(.type == "kernel"))'
	printf '%s\n' "${names[@]}" |
		xargs -P 2 -n 1 "$EMU_ROOT/tests/emu-argv/boot" "$BATS_FILE_TMPDIR"
}

# ended NAME STATUS [TEXT ...]: so it ended, and said all that.
ended() {
	local file=$BATS_FILE_TMPDIR/$1 want=$2
	cat "$file.err"
	shift 2
	[ "$(cat "$file.status")" -eq "$want" ] || { cat "$file.status" "$file.out"; false; }
	for text; do
		grep -qF -- "$text" "$file.out" || { echo "no: $text"; cat "$file.out"; false; }
	done
}

@test "the demo examples boot" {
	ended demo 0 'emu demo guest, x64' 'memory: 65536 KiB' 'arguments: poweroff'
	ended demo-exit 43 'arguments: exit=21'
	ended demo-disk 0 'disk: a sector of text'
	[ ! -e "$EMU_BUILD/demo-arm64" ] || ended demo-arm64 0 'emu demo guest, arm64'
}

@test "a guest's panic and its reset are no success" {
	ended demo-panic 120
	ended demo-fault 121
	ended demo-reset 121
	# By pvpanic where the kernel has its driver, else by panic=-1.
	ended linux-panic 121 'Kernel panic' || ended linux-panic 120 'Kernel panic'
}

@test "the linux examples boot" {
	for e in linux linux-arm64 linux-drives linux-kvm linux-network linux-cluster linux-share linux-serials; do
		ended $e 0 'Linux version' 'Power down'
	done
	ended linux-kvm 0 'Total of 2 processors activated'
	ended linux-serials 0 'ttyS1 at I/O 0x2f8'
	[ -e "$BATS_FILE_TMPDIR/x64/second.log" ]
}

@test "the examples of Fuchsia start its kernel, its firmware" {
	ended fuchsia 0 'emu demo guest, x64' 'command line: from.the=zbi'
	ended fuchsia-2024 0 BdsDxe
	[ ! -e "$EMU_BUILD/demo-arm64" ] || ended fuchsia-many-arm64 0 'emu demo guest, arm64'
}

@test "example linux-root names its root, and arm boots with its device tree" {
	ended linux-root 0 'the root' 'Power down'
	ended arm 0 'Linux version' 'linux,dummy-virt' 'Power down'
}

@test "example cdrom goes on to the CD behind an empty disk" {
	ended cdrom 0
	[ "$(tail -c 1 "$BATS_FILE_TMPDIR/cdrom.out")" = c ]
}

@test "every example is booted here" {
	for e in "$EMU_ROOT"/share/examples/*.json; do
		e=$(basename "$e" .json)
		[ "$e" != fuchsia-many ] || e=$e-arm64
		[ -e "$BATS_FILE_TMPDIR/$e.status" ] || [[ $e = *-arm64 && ! -e $EMU_BUILD/demo-arm64 ]]
	done
}

@test "the emulator warns of the words of no example" {
	cd "$BATS_FILE_TMPDIR"
	for record in *.record; do
		# 2024 is botanist's own words.
		run -0 jq -r '.stderr // empty | if type == "array" then .[] else . end' "$record"
		[ -z "$output" ] || [ "$record" = fuchsia-2024.record ] || { echo "$record: $output"; false; }
	done
	[ -s linux.record ]
}

@test "example disk boots its boot sector" {
	ended disk 7
	[ "$(cat "$BATS_FILE_TMPDIR/disk.out")" = b ]
}

@test "the firmware examples start their firmware" {
	ended uefi 0 BdsDxe
	ended uefi-arm64 0 'UEFI firmware'
	ended riscv64 0 OpenSBI
}

@test "what -s prints runs the same machine in a shell" {
	cd "$BATS_FILE_TMPDIR/x64"
	run sh -c "$(emu-argv -s "$EMU_ROOT/share/examples/demo-exit.json")" </dev/null
	[ "$status" -eq 43 ]
	[[ "$output" = *'arguments: exit=21'* ]]
}
