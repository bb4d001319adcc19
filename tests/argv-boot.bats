load lib

# The examples, booted. Images are linked into the directory under the names
# that the examples have for them.
setup_file() {
	need qemu-system-x86_64 qemu-system-aarch64 qemu-img truncate
	"$EMU_ROOT/tests/kernels/fetch"
	cd "$BATS_FILE_TMPDIR"
	mkdir x64 arm64
	for pair in x64:amd64 arm64:arm64; do
		ln -s "$EMU_BUILD/kernels/vmlinuz-${pair#*:}" "${pair%:*}/vmlinuz"
		ln -s "$EMU_BUILD/kernels/initrd-${pair#*:}.gz" "${pair%:*}/initrd.gz"
		ln -s "$EMU_BUILD/demo-${pair%:*}" "${pair%:*}/"
	done
	cd x64
	printf 'a sector of text\n' >disk.img
	truncate -s 1M disk.img cd.iso
	qemu-img create -q -f qcow2 disk.qcow2 1M
	# A boot sector: 'b' on the serial line, and isa-debug-exit with 3.
	printf '\xba\xf8\x03\xb0b\xee\xb0\x03\xe6\xf4\xf4' >boot.img
	truncate -s 510 boot.img
	printf '\x55\xaa' >>boot.img
	truncate -s 1M boot.img
}

# boot EXAMPLE [FILTER]: stages and runs it, changed by jq's FILTER.
boot() {
	jq "${2:-.}" "$EMU_ROOT/share/examples/$1.json" >"$BATS_TEST_TMPDIR/doc.json"
	case $1 in
	*-arm64) cd "$BATS_FILE_TMPDIR/arm64" ;;
	*) cd "$BATS_FILE_TMPDIR/x64" ;;
	esac
	export TMPDIR=$BATS_TEST_TMPDIR
	run --separate-stderr emu-scratch sh -c 'emu-stage "$1" | emu-argv |
		emu-spawn -t 120 -o "$1.record"' sh "$BATS_TEST_TMPDIR/doc.json"
	echo "status $status: $output$stderr"
}

# boot_linux EXAMPLE: to the first program, which powers off.
boot_linux() {
	boot "$1" '.args |= map(select(. != "quiet")) +
		["rdinit=/bin/busybox", "--", "poweroff", "-f"]'
	[ "$status" -eq 0 ]
	[[ "$output" = *"Linux version"* ]]
	[[ "$output" = *"Power down"* ]]
}

@test "example demo boots" {
	boot demo
	[ "$status" -eq 0 ]
	[[ "$output" = *'emu demo guest, x64'*'memory: 65536 KiB'*'arguments: poweroff'* ]]
}

@test "example demo-arm64 boots" {
	[ -e "$EMU_BUILD/demo-arm64" ] || skip "no cross compiler"
	boot demo-arm64
	[ "$status" -eq 0 ]
	[[ "$output" = *'emu demo guest, arm64'* ]]
}

@test "example demo-exit ends with the guest's status" {
	boot demo-exit
	[ "$status" -eq 43 ]
}

@test "example demo-disk reads its disk" {
	boot demo-disk
	[ "$status" -eq 0 ]
	[[ "$output" = *'disk: a sector of text'* ]]
}

@test "a guest's panic and its reset are no success" {
	boot demo '.args = ["panic"]'
	[ "$status" -eq 120 ]
	boot demo '.args = ["fault"]'
	[ "$status" -eq 121 ]
	boot demo '.args = ["reset"]'
	[ "$status" -eq 121 ]
}

@test "example linux boots, and a panic of it is no success" {
	boot_linux linux
	boot linux '.args += ["rdinit=/none", "init=/none"] | .images |= map(select(.type == "kernel"))'
	[ "$status" -eq 120 ] || [ "$status" -eq 121 ]
}

@test "example linux-arm64 boots" {
	boot_linux linux-arm64
}

@test "example linux-drives boots" {
	boot_linux linux-drives
}

@test "example linux-kvm boots, with KVM or without" {
	boot_linux linux-kvm
	[[ "$output" = *"smpboot: Allowing 2 CPUs"* ]]
}

@test "example linux-network boots" {
	boot_linux linux-network
}

@test "example linux-serials boots with both its uarts" {
	boot_linux linux-serials
	[[ "$output" = *"ttyS1 at I/O 0x2f8"* ]]
	[ -e "$BATS_FILE_TMPDIR/x64/second.log" ]
}

@test "example disk boots its boot sector" {
	boot disk
	[ "$status" -eq 7 ]
	[ "$output" = b ]
}

# greets EXAMPLE REGEX: says this on its serial line.
greets() {
	cd "$BATS_FILE_TMPDIR/x64"
	export TMPDIR=$BATS_TEST_TMPDIR
	run emu-scratch sh -c 'emu-stage "$1" | emu-argv |
		emu-spawn -t 120 | emu-watch -s "$2"' sh \
		"$EMU_ROOT/share/examples/$1.json" "$2"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "example uefi starts its firmware" {
	greets uefi 'BdsDxe'
}

@test "example uefi-arm64 starts its firmware" {
	greets uefi-arm64 'UEFI firmware'
}

@test "example riscv64 starts its firmware" {
	greets riscv64 'OpenSBI'
}

@test "what -s prints runs the same machine in a shell" {
	cd "$BATS_FILE_TMPDIR/x64"
	run sh -c "$(emu-argv -s "$EMU_ROOT/share/examples/demo-exit.json")" </dev/null
	[ "$status" -eq 43 ]
	[[ "$output" = *'arguments: exit=21'* ]]
}
