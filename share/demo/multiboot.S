/* What makes QEMU start the demo as it starts Zircon, by multiboot (the
 * Multiboot Specification 0.6.96, 3.1) with the ZBI as a module. The image is
 * flat, and so says where it goes. */
	.section .multiboot, "a"
	.balign 4
header:
	.long 0x1badb002
	.long 0x00010000		/* the addresses below hold */
	.long -(0x1badb002 + 0x00010000)
	.long header
	.long image_start
	.long 0				/* to its end */
	.long bss_end
	.long start

	.section .note.GNU-stack, "", @progbits
