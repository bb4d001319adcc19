load ../lib

@test "every command in the README prints what it says" {
	need python3 qemu-system-x86_64 qemu-img gcc objcopy jq
	"$EMU_ROOT/tests/whole/kernels/fetch"
	cd "$BATS_TEST_TMPDIR"
	cp "$EMU_BUILD/demo-x64" .
	ln -s "$EMU_BUILD/kernels/vmlinuz-amd64" bzImage
	ln -s "$EMU_BUILD/kernels/initrd-amd64.gz" initrd.gz
	ln -s "$EMU_ROOT/tests/emu-watch/logs/linux-panic" panic.log
	ln -s "$EMU_ROOT/tests/emu-ktap/logs/kunit-example" kunit.log
	# What a person types when the shell is there.
	mkfifo poweroff
	(for i in $(seq 100); do sleep 0.3; echo poweroff; done >poweroff) 2>/dev/null 3>&- &
	# A disk whose boot sector says hello and powers off.
	gcc -c -m32 -o boot.o "$EMU_ROOT/tests/whole/boot.S"
	objcopy -O binary -j .text boot.o disk.img
	truncate -s 1M disk.img
	qemu-img convert -O qcow2 disk.img disk.qcow2
	run python3 "$EMU_ROOT/tests/whole/readme.py" "$EMU_ROOT/README.md"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}
