load ../lib

@test "the trace of a panic has files and lines with the command of emu-howto(7), as printed" {
	need apt-get dpkg-deb as ld nm addr2line qemu-system-x86_64
	"$EMU_ROOT/tests/whole/kernels/fetch" amd64 decode_stacktrace.sh
	K=$EMU_BUILD/kernels
	cd "$BATS_TEST_TMPDIR"
	command=$(sed -n '/decode_stacktrace/p' "$EMU_ROOT/man/emu-howto.7")
	[ "$command" = "emu-run -w 'scripts/decode_stacktrace.sh vmlinux' arch/x86/boot/bzImage" ]

	# A kernel tree, but for the vmlinux with debug information: Debian's has 700 MB.
	mkdir -p scripts arch/x86/boot
	cp "$K/decode_stacktrace.sh" scripts
	cp "$K/vmlinuz-amd64" arch/x86/boot/bzImage
	run -120 --separate-stderr emu-run -t 100 arch/x86/boot/bzImage </dev/null
	# This one has the functions of the trace, in their sizes, and a line for each byte.
	tr -d '\r' <<<"$output" | grep -oE '[A-Za-z_0-9.]+\+0x[0-9a-f]+/0x[0-9a-f]+' |
		sed 's/+.*\// /' | sort -u >functions
	[ "$(wc -l <functions)" -ge 5 ]
	offset=$(sed -n 's/.* panic+\(0x[0-9a-f]*\).*/\1/p' <<<"$output")
	{
		echo ".file 1 \"$PWD/kernel/ours.c\""
		echo '.text'
		while read -r name size; do
			printf '.globl %s\n%s:\n.set n, 0\n' "$name" "$name"
			for ((byte = 0; byte < size; byte++)); do
				printf '.loc 1 %d\nnop\n' $((byte + 1))
			done
		done <functions
	} >vmlinux.S
	as -o vmlinux.o vmlinux.S
	ld -Ttext=0xffffffff81000000 -e 0 -o vmlinux vmlinux.o

	run -120 --separate-stderr sh -c "$command" </dev/null
	# What is before the trace is what it was.
	grep -q 'Linux version' <<<"$output"
	grep -q 'Kernel panic - not syncing' <<<"$output"
	at=$(sed -n "s|.* panic ($PWD/kernel/ours.c:\([0-9]*\)).*|\1|p" <<<"$output")
	# Newer scripts look at the byte before the address of return.
	((at == offset + 1 || at == offset))
}
