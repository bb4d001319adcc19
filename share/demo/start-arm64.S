/* The header of an Image (Linux, Documentation/arm64/booting.rst), the way to C
 * (x0 = device tree), and what stops for exceptions. */
	.section .head, "ax"
	.globl head
head:
	b start
	.long 0
	.quad 0			/* text_offset */
	.quad image_size
	.quad 0xa		/* little endian, 4 KiB pages, placed anywhere */
	.quad 0, 0, 0
	.ascii "ARM\x64"
	.long 0

	.text
start:
	adrp x1, bss		/* dirty after a reset */
	add x1, x1, :lo12:bss
	adrp x2, image_size
	add x2, x2, :lo12:image_size
1:	stp xzr, xzr, [x1], 16
	cmp x1, x2
	b.lo 1b

	adrp x1, stack_end
	add x1, x1, :lo12:stack_end
	mov sp, x1
	adrp x1, vectors
	add x1, x1, :lo12:vectors
	mrs x2, CurrentEL
	cmp x2, 8
	b.eq 2f
	msr vbar_el1, x1
	b demo
2:	msr vbar_el2, x1
	b demo

	.globl conduit_hvc
conduit_hvc:
	hvc 0
	ret
	.globl conduit_smc
conduit_smc:
	smc 0
	ret
	.globl semihosting
semihosting:
	hlt 0xf000
	ret

	.balign 2048
vectors:
	.rept 16
	.balign 128
	b on_exception
	.endr

	.bss
	.balign 16
	.skip 16384
stack_end:

	.section .note.GNU-stack, "", @progbits
