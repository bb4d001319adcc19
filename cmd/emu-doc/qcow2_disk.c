/* Reading qcow2 (QEMU, docs/interop/qcow2.txt): enough to look at what is on
 * the disk. Numbers are big-endian. */
#include "qcow2_disk.h"

#include <endian.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

enum {
	CLUSTER_BITS_MIN = 9,
	CLUSTER_BITS_MAX = 21,
};

static const uint64_t offset_mask = 0x00fffffffffffe00;
static const uint64_t compressed = 1ULL << 62;

static uint64_t
big_64(struct source *file, uint64_t offset)
{
	uint64_t n = 0;

	return source_read(file, offset, &n, sizeof(n)) ? be64toh(n) : 0;
}

/* The descriptor of the guest's cluster that holds offset; 0: never written. */
static uint64_t
descriptor(const struct qcow2_disk *q, uint64_t offset)
{
	unsigned bits = q->header.cluster_bits;
	uint64_t per_table = (1ULL << bits) / q->entry_size;
	uint64_t cluster = offset >> bits;

	if (cluster / per_table >= q->header.tables)
		return 0;
	uint64_t second =
	    big_64(q->file, q->header.table + cluster / per_table * 8) &
	    offset_mask;
	if (second == 0)
		return 0;
	return big_64(q->file, second + cluster % per_table * q->entry_size);
}

/* Fills out from what is packed. */
static bool
inflate_cluster(uint8_t *packed, size_t len, uint8_t *out, size_t size)
{
#ifdef HAVE_ISAL
	struct inflate_state state;

	isal_inflate_init(&state);
	state.next_in = packed;
	state.avail_in = (uint32_t)len;
	state.next_out = out;
	state.avail_out = (uint32_t)size;
	return isal_inflate(&state) == ISAL_DECOMP_OK && state.avail_out == 0;
#else
	(void)packed, (void)len, (void)out, (void)size;
	return false;
#endif
}

/* Inflates the cluster at offset, unless it is the one that was last. */
static bool
unpack(struct qcow2_disk *q, uint64_t offset, uint64_t entry)
{
	size_t size = (size_t)1 << q->header.cluster_bits;
	unsigned x = 62 - (q->header.cluster_bits - 8);
	uint64_t at = entry & ((1ULL << x) - 1);
	uint64_t sectors = (entry & (compressed - 1)) >> x;
	size_t len = (size_t)((sectors + 1) * 512 - at % 512);

	if (q->unpacked != NULL && q->unpacked_at == offset)
		return true;
	/* The last sector may not be there to its end. */
	if (at >= q->file->size)
		return false;
	if (len > q->file->size - at)
		len = (size_t)(q->file->size - at);
	uint8_t *packed = malloc(len);
	if (q->unpacked == NULL)
		q->unpacked = malloc(size);
	bool ok = packed != NULL && q->unpacked != NULL &&
		  source_read(q->file, at, packed, len) &&
		  inflate_cluster(packed, len, q->unpacked, size);
	q->unpacked_at = ok ? offset : UINT64_MAX;
	free(packed);
	return ok;
}

/* Reads within one cluster. */
static bool
read_piece(struct qcow2_disk *q, uint64_t offset, uint8_t *buffer, size_t len)
{
	uint64_t size = 1ULL << q->header.cluster_bits;
	uint64_t within = offset % size;
	uint64_t entry = descriptor(q, offset);

	if (entry & compressed) {
		if (!unpack(q, offset - within, entry))
			return false;
		memcpy(buffer, q->unpacked + within, len);
		return true;
	}
	/* Bit 0 says that it reads as zeros. */
	if ((entry & offset_mask) == 0 || (entry & 1) != 0) {
		memset(buffer, 0, len);
		return true;
	}
	return source_read(
	    q->file, (entry & offset_mask) + within, buffer, len);
}

static bool
read_disk(struct source *disk, uint64_t offset, uint8_t *buffer, size_t len)
{
	struct qcow2_disk *q =
	    (struct qcow2_disk *)(void *)((char *)disk -
					  offsetof(struct qcow2_disk, disk));
	size_t size = (size_t)1 << q->header.cluster_bits;

	while (len > 0) {
		size_t n = size - (size_t)(offset % size);

		if (n > len)
			n = len;
		if (!read_piece(q, offset, buffer, n))
			return false;
		offset += n;
		buffer += n;
		len -= n;
	}
	return true;
}

bool
qcow2_disk_open(struct qcow2_disk *q, struct source *file)
{
	uint8_t bytes[QCOW2_HEADER];
	size_t n = source_head(file, bytes, sizeof(bytes));

	*q = (struct qcow2_disk){
	    .disk = {.targets = file->targets, .fd = -1, .read = read_disk},
	    .file = file,
	    .unpacked_at = UINT64_MAX,
	};
	const struct qcow2_header *h = &q->header;
	if (!qcow2_header_read(bytes, n, &q->header))
		return false;
	q->disk.size = h->size;
	q->entry_size = h->incompatible & QCOW2_EXTENDED ? 16 : 8;
	return h->backing == 0 && h->crypt == 0 &&
	       (h->incompatible & (QCOW2_DATA_FILE | QCOW2_COMPRESSION)) == 0 &&
	       h->cluster_bits >= CLUSTER_BITS_MIN &&
	       h->cluster_bits <= CLUSTER_BITS_MAX && h->table < file->size;
}

void
qcow2_disk_close(struct qcow2_disk *q)
{
	free(q->unpacked);
	q->unpacked = NULL;
}
