/* A boot sector that says hello on the serial port and powers off (ACPI on q35:
 * SLP_TYP and SLP_EN to port 0x604). */
	.code16
	.globl _start
_start:
	cli
	xor %ax, %ax
	mov %ax, %ds
	mov $0x7c00 + (message - _start), %si
	mov $0x3f8, %dx
1:	lodsb
	test %al, %al
	jz 2f
	out %al, %dx
	jmp 1b
2:	mov $0x604, %dx
	mov $0x2000, %ax
	out %ax, %dx
3:	hlt
	jmp 3b
message:
	.asciz "hello from a disk\r\n"
	.org 510
	.word 0xaa55
