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

# All machines are started here, two at a time; the tests look at how they went.
# Images are there under the names that the examples have for them.
setup_file() {
	need qemu-system-x86_64 qemu-system-aarch64 qemu-img truncate
	"$EMU_ROOT/tests/whole/kernels/fetch"
	cd "$BATS_FILE_TMPDIR"
	mkdir x64 arm64
	for pair in x64:amd64 arm64:arm64; do
		ln -s "$EMU_BUILD/kernels/vmlinuz-${pair#*:}" "${pair%:*}/vmlinuz"
		ln -s "$EMU_BUILD/kernels/initrd-${pair#*:}.gz" "${pair%:*}/initrd.gz"
		ln -s "$EMU_BUILD/demo-${pair%:*}" "${pair%:*}/"
	done
	printf 'a sector of text\n' >x64/disk.img
	truncate -s 1M x64/disk.img x64/cd.iso
	qemu-img create -q -f qcow2 x64/disk.qcow2 1M
	# A boot sector: 'b' on the serial line, and isa-debug-exit with 3.
	printf '\xba\xf8\x03\xb0b\xee\xb0\x03\xe6\xf4\xf4' >x64/boot.img
	truncate -s 510 x64/boot.img
	printf '\x55\xaa' >>x64/boot.img
	truncate -s 1M x64/boot.img

	names=()
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
