load ../lib

# Files of each kind that start something, through emu-run, without a word more.

setup() {
	need qemu-system-x86_64 qemu-img python3
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir scratch
	export TMPDIR=$PWD/scratch HOME=$PWD XDG_CONFIG_HOME=
}

# program KIND: a boot sector or a UEFI application for x64 that says "hello" on
# the serial line and powers off. Both are the same dozen instructions. The
# application "returns" says "h" and returns.
program() {
	python3 - "$1" <<-'PY'
		import struct, sys
		text = b"hello\n"
		say = b"\xac\xee\xe2\xfc"  # lodsb; outb; loop
		if sys.argv[1] == "sector":
		    code = (b"\xfa\xfc\x31\xc0\x8e\xd8\xbe%s\xb9%s\xba\xf8\x03" + say +
		        b"\xba\x04\x06\xb8\x00\x20\xef\xf4\xeb\xfd")
		    code %= (struct.pack("<H", 0x7c00 + len(code)), struct.pack("<H", len(text)))
		    code = bytearray(code)
		    struct.pack_into("<H", code, 7, 0x7c00 + len(code))
		    out = (bytes(code) + text).ljust(510, b"\0") + b"\x55\xaa"
		    out = out.ljust(1 << 20, b"\0")
		else:
		    tail = (b"\xb9" + struct.pack("<I", len(text)) + b"\xba\xf8\x03\0\0" + say +
		        b"\xba\x04\x06\0\0\xb8\0\x20\0\0\x66\xef\xf4\xeb\xfd")
		    code = b"\x48\x8d\x35" + struct.pack("<I", len(tail)) + tail + text
		    if sys.argv[1] == "returns":
		        code = b"\x66\xba\xf8\x03\xb0h\xee\x31\xc0\xc3"
		    pe = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22e)
		    pe += struct.pack("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20b, 0, 0, 512, 0, 0,
		        4096, 4096, 0, 4096, 512, 0, 0, 0, 0, 0, 0, 0, 8192, 512, 0, 10, 0,
		        0, 0, 0, 0, 0, 16).ljust(240, b"\0")
		    pe += struct.pack("<8sIIIIIIHHI", b".text", 4096, 4096, 512, 512, 0, 0, 0, 0,
		        0xe0000020)
		    out = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + pe
		    out = out.ljust(512, b"\0") + code.ljust(4096, b"\0")
		sys.stdout.buffer.write(out)
	PY
}

# boots FILE...: the run says hello, whatever the firmware says before, ends with
# 0, and leaves nothing behind.
boots() {
	local status=0
	emu-run -t 100 "$@" </dev/null >out 2>err || status=$?
	if [ "$status" -ne 0 ] || [ "$(tail -c 6 out)" != hello ] ||
		[ -n "$(but_kvm <err)" ]; then
		echo "$*: status $status"
		cat -v out err
		return 1
	fi
	[ -z "$(ls -A scratch)" ]
}

@test "a disk with a boot sector boots, raw and as qcow2" {
	program sector >disk
	boots disk
	qemu-img convert -O qcow2 disk disk.qcow2
	boots disk.qcow2
	qemu-img convert -c -O qcow2 disk small.qcow2
	boots small.qcow2
	cmp disk <(program sector)
}

# sector BYTES: a disk whose boot sector is these.
sector() {
	printf "$1" >disk
	truncate -s 510 disk
	printf '\x55\xaa' >>disk
	truncate -s 1M disk
}

@test "what a boot sector writes to the screen is on the line, and so is that nothing boots" {
	# int 10h writes two letters; int 18h says that this did not boot.
	sector '\xb8\x48\x0e\xcd\x10\xb0\x69\xcd\x10\xcd\x18'
	run -121 --separate-stderr emu-run -k no -t 60 -o record disk
	[[ $output = *'Booting from Hard Disk'*'Hi'* ]]
	[[ $output = *'No bootable device.'* ]]
	[ "$(jq -r .cause record)" = reset ]
	qemu-img convert -O qcow2 disk disk.qcow2
	run -121 --separate-stderr emu-run -k no -t 60 disk.qcow2
	[[ $output = *'No bootable device.'* ]]
}

@test "what a kernel that is no Linux writes to the screen is on the line" {
	# It writes "Hi" by int 10h, and has not booted by int 18h.
	python3 - >kernel <<-'PY'
		import sys
		setup = bytearray(1024)
		setup[0x1f1:0x1f2] = b"\1"
		setup[0x1fe:0x210] = b"\x55\xaa\xeb\x66HdrS\x02\x02" + bytes(6) + b"\x80\x01"
		setup[0x268:0x274] = b"\xb8\x48\x0e\xcd\x10\xb0\x69\xcd\x10\xcd\x18\xf4"
		setup[0x380:0x388] = b"a loader"
		sys.stdout.buffer.write(setup + bytes(512))
	PY
	run -121 --separate-stderr emu-run -k no -t 60 kernel
	[[ $output = *'Booting from ROM'*Hi* ]] || { echo "$output"; echo "$stderr"; false; }
}

@test "a Linux that powers off without a byte on its line is told of" {
	# As the kernel of a Linux with another console: it powers off.
	sector '\xba\x04\x06\xb8\x00\x20\xef\xf4'
	emu-doc -k no disk | jq '.machine = "q35"' >none.json
	jq '.guest = "linux"' none.json >linux.json
	run -0 --separate-stderr emu-run -t 60 linux.json
	[ "$output" = '' ]
	[ "$stderr" = 'emu-run: the guest wrote nothing to its serial line' ]
	run -0 --separate-stderr emu-run -t 60 none.json
	[ "$stderr" = '' ]
}

@test "what emu-run advises is what it takes" {
	need qemu-system-aarch64 mformat
	printf '\1\2\3' >data
	truncate -s 512 data
	run -125 --separate-stderr emu-run data
	[ "$stderr" = "emu-run: data: cannot tell what it is: a kernel's bare code, or a disk without partitions: write kernel:data or disk:data" ]
	run -124 emu-run -k no -t 3 -A arm64 kernel:data
	run -121 emu-run -k no -t 60 -A x64 disk:data
	truncate -s 513 data
	run -125 --separate-stderr emu-run data
	[[ $stderr = *': write bios:data, kernel:data and so on' ]]
	run -124 emu-run -k no -t 3 -A arm64 bios:data
	# A CD for machines that are not named.
	truncate -s 3M esp
	mformat -i esp ::
	{ head -c 40K /dev/zero; cat esp; } >iso
	put() { printf "$2" | dd of=iso bs=1 seek="$1" conv=notrunc status=none; }
	put 32769 CD001
	put 34823 'EL TORITO SPECIFICATION'
	put 34887 '\x13'
	put 38912 '\x01\xef'
	put 38944 '\x88'
	put 38952 '\x14'
	run -0 --separate-stderr emu-doc iso
	[[ $stderr = *'taken for x64 (-A arm64)' ]] || { echo "$stderr"; false; }
	run -124 emu-run -k no -t 3 -A arm64 iso
	# A disk that is not looked into.
	qemu-img create -q -f vdi vdi 1M
	run -0 --separate-stderr emu-doc vdi
	[[ $stderr = *'taken for BIOS (uefi:vdi)' ]]
	run -124 emu-run -k no -t 3 uefi:vdi
}

@test "argv says that the BIOS's text was chosen, and a machine of the user's own is without" {
	sector '\xcd\x18'
	run -0 --separate-stderr sh -c 'emu-doc -k no disk | emu-argv -e'
	[[ $output = *$'-machine q35,graphics=off\ttarget (its BIOS is on the line)'* ]]
	run -0 --separate-stderr sh -c 'emu-doc -k no disk | jq ".machine = \"q35\"" | emu-argv -s'
	[[ $output != *graphics* ]]
	[[ $output != *reboot-timeout* ]]
}

@test "a boot sector boots, however small its disk is" {
	for size in 512 700 1024 2048 32256 65536 300000; do
		program sector >disk
		truncate -s $size disk
		boots -k no disk
	done
	truncate -s 2048 disk
	qemu-img convert -O qcow2 disk disk.qcow2
	boots -k no disk.qcow2
}

@test "a floppy boots, raw and as qcow2, on the machines of a PC" {
	program sector >floppy
	truncate -s 1440K floppy
	boots -k no floppy
	qemu-img convert -O qcow2 floppy floppy.qcow2
	boots -k no floppy.qcow2
	emu-doc -k no floppy | jq '.machine = "pc"' >pc.json
	boots pc.json
}

@test "a UEFI application boots, and a disk that holds one" {
	need mformat
	[ -e /usr/share/qemu/firmware/60-edk2-x86_64.json ] ||
		[ "${EMU_TEST_STRICT:-}" = 1 ] || skip "no OVMF"
	program efi >hello.efi
	# The firmware takes its time.
	[ -z "${EMU_TEST_SOAK:-}" ] || boots hello.efi
	head -c 1536 hello.efi >small.efi
	expect_error 1 "emu-doc: small.efi: a UEFI application: too small for QEMU's -kernel: put it on a disk, as EFI/BOOT/BOOTX64.EFI" \
		emu-doc small.efi
	truncate -s 3M stick
	mformat -i stick ::
	mmd -i stick ::/EFI ::/EFI/BOOT
	mcopy -i stick small.efi ::/EFI/BOOT/BOOTX64.EFI
	boots stick
}

@test "a UEFI application that returns ends the run" {
	[ -e /usr/share/qemu/firmware/60-edk2-x86_64.json ] ||
		[ "${EMU_TEST_STRICT:-}" = 1 ] || skip "no OVMF"
	program returns >app.efi
	run --separate-stderr emu-run -k no -o record -t 100 app.efi </dev/null
	[[ $output != *'BdsDxe: No bootable option'* ]] || skip 'a firmware that starts no shell of its own'
	[ "$status" -eq 0 ]
	[[ $output = *'hBdsDxe: '*'reset -s'* ]] || { echo "$output"; false; }
	[ "$(jq -r .qmp.data.reason record)" = guest-shutdown ]
	need mtools
	[ "$(mtype -i "$EMU_ROOT/share/startup.img" ::startup.nsh | tr -d '\r')" = 'reset -s' ]
}

@test "an arm64 kernel boots out of gzip" {
	need qemu-system-aarch64
	[ -e "$EMU_BUILD/demo-arm64" ] || need aarch64-linux-gnu-gcc
	gzip -c "$EMU_BUILD/demo-arm64" >kernel
	emu-run -t 100 kernel </dev/null >out
	[ "$(head -n 1 out)" = $'emu demo guest, arm64\r' ]
}

@test "a compressed disk and a kernel of riscv64 boot, decompressed by emu-stage" {
	need xz zstd bzip2 lz4
	program sector >disk
	xz -k disk
	zstd -q disk
	qemu-img convert -O qcow2 disk disk.qcow2
	bzip2 disk.qcow2
	boots -k no -A x64 disk.xz
	boots -k no -A x64 disk.zst
	run -0 --separate-stderr emu-run -k no -A x64 -t 100 disk.qcow2.bz2
	[[ $output = *hello ]]
	[ "$stderr" = "emu-doc: disk.qcow2.bz2: by BIOS or by UEFI? its content is not looked at: taken for BIOS (uefi:disk.qcow2.bz2)" ]
	run -0 --separate-stderr emu-doc -k no disk.qcow2.bz2
	[ "$(jq -c '.images[0] | [.format, .decompress]' <<<"$output")" = '["qcow2",true]' ]
	# A riscv64 Image: two instructions, which say "h" and reset the machine by its
	# test device, behind a header.
	python3 - >Image <<-'PY'
		import struct, sys
		code = [0x100002b7, 0x06800313, 0x00628023, 0x001002b7, 0x00005337, 0x55530313, 0x0062a023,
		        0x0000006f]
		head = struct.pack("<HIHQQQIIQ8sII", 0x5a4d, 0x03e0006f, 0, 0x200000, 4096, 0, 2, 0, 0, b"RISCV\0\0\0",
		    0x05435352, 0)
		sys.stdout.buffer.write(head.ljust(64, b"\0") + struct.pack("<8I", *code).ljust(4096, b"\0"))
	PY
	gzip -k Image
	xz -k --format=lzma Image
	lz4 -q -l Image Image.lz4
	# An EFI zboot kernel around it.
	python3 - >zboot <<-'PY'
		import struct, sys
		image = open("Image.gz", "rb").read()
		head = struct.pack("<4s4sIIQ4s", b"MZ", b"zimg", 512, len(image), 0, b"gzip").ljust(60, b"\0")
		pe = struct.pack("<I64x4sH", 128, b"PE\0\0", 0x5064)
		sys.stdout.buffer.write((head + pe).ljust(512, b"\0") + image)
	PY
	for f in Image.gz Image.lzma Image.lz4 zboot; do
		run -0 --separate-stderr emu-run -t 60 $f
		[[ $output = *h ]] || { echo "$f: $output"; false; }
	done
}

@test "a compressed disk that rests on another file is refused when it is decompressed" {
	printf x >secret
	truncate -s 1M secret
	qemu-img create -q -f qcow2 -b "$PWD/secret" -F raw over.qcow2
	xz over.qcow2
	run -125 --separate-stderr emu-run -k no -t 60 over.qcow2.xz
	[[ ${stderr_lines[-1]} = *"over.qcow2.xz"*"secret"* ]] || { echo "$stderr"; false; }
}

@test "Xen boots a Linux as its dom0, as a kernel and its initrd" {
	"$EMU_ROOT/tests/whole/kernels/fetch" amd64 xen 2>fetch || {
		cat fetch
		[ "${EMU_TEST_STRICT:-}" != 1 ] || return 1
		skip "no Xen: $(tail -n 1 fetch)"
	}
	kernels=$EMU_BUILD/kernels
	printf 'cat /sys/hypervisor/type\npoweroff -f\n' >commands
	run -0 --separate-stderr emu-run -k no -t 150 -W 'guest# ' -i commands "$kernels/xen.gz" \
		"$kernels/generic-amd64/vmlinuz" "$kernels/initrd-amd64.gz"
	[[ $output = *$'\nxen\r'*'Power down'* ]] || { tail -n 20 <<<"$output"; false; }
}
