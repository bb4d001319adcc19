#include "fdt.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	MAGIC = 0,
	STRUCTURE = 2,
	STRINGS = 3,
	BEGIN_NODE = 1,
	END_NODE = 2,
	PROPERTY = 3,
	NOP = 4,
};

static uint32_t
cell(const uint32_t *p)
{
	return __builtin_bswap32(*p);
}

static uint64_t
two_cells(const uint32_t *p)
{
	return (uint64_t)cell(p) << 32 | cell(p + 1);
}

static size_t
length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

static bool
begins(const char *s, const char *with)
{
	while (*with != '\0' && *s == *with) {
		s++;
		with++;
	}
	return *with == '\0';
}

static bool
equal(const char *a, const char *b)
{
	return begins(a, b) && begins(b, a);
}

/* A property of a child of the root. */
static void
take(const char *node, const char *name, const uint32_t *value, uint32_t len,
    struct fdt *fdt)
{
	const char *text = (const char *)value;

	if (equal(node, "chosen") && equal(name, "bootargs")) {
		fdt->arguments = text;
	} else if (equal(node, "chosen") && begins(name, "linux,initrd-")) {
		uint64_t at = len == 4 ? cell(value) : two_cells(value);

		*(equal(name, "linux,initrd-end") ? &fdt->initrd_end
						  : &fdt->initrd) = at;
	} else if (equal(node, "psci") && equal(name, "method")) {
		fdt->conduit = text;
	} else if (begins(node, "memory") && equal(name, "reg")) {
		for (uint32_t i = 0; i + 4 <= len / 4; i += 4)
			fdt->memory += two_cells(value + i + 2);
	} else if (begins(node, "pcie@") && equal(name, "reg")) {
		fdt->ecam = two_cells(value);
	} else if (begins(node, "intc@") && equal(name, "reg")) {
		fdt->gic = two_cells(value);
		fdt->gic_cpu = two_cells(value + 4);
	}
}

/* A GICv3 has its registers elsewhere. */
static void
check_gic(const char *node, const char *name, const char *text, bool *other)
{
	if (begins(node, "intc@") && equal(name, "compatible") &&
	    !equal(text, "arm,cortex-a15-gic"))
		*other = true;
}

void
fdt_read(const void *tree, struct fdt *fdt)
{
	const uint32_t *header = tree;
	const char *strings = (const char *)tree + cell(header + STRINGS);
	const uint32_t *p = header + cell(header + STRUCTURE) / 4;
	const char *node = "";
	bool other_gic = false;
	unsigned depth = 0;

	*fdt = (struct fdt){.arguments = "", .conduit = ""};
	for (;;) {
		switch (cell(p++)) {
		case BEGIN_NODE:
			if (++depth == 2)
				node = (const char *)p;
			p += length((const char *)p) / 4 + 1;
			break;
		case END_NODE:
			depth--;
			break;
		case PROPERTY: {
			const char *name = strings + cell(p + 1);
			if (depth == 2) {
				take(node, name, p + 2, cell(p), fdt);
				check_gic(node, name, (const char *)(p + 2),
				    &other_gic);
			}
			p += 2 + (cell(p) + 3) / 4;
			break;
		}
		case NOP:
			break;
		default:
			if (other_gic)
				fdt->gic = 0;
			return;
		}
	}
}
