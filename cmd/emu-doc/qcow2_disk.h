#ifndef QCOW2_DISK_H
#define QCOW2_DISK_H

#include "qcow2.h"
#include "source.h"

/* A disk in a qcow2 file, read as far as it is to be had. */
struct qcow2_disk {
	struct source disk; /* what the guest sees; memory is its cluster */
	struct source *file;
	struct qcow2_header header;
	unsigned entry_size;  /* bytes, in the second level */
	uint64_t unpacked_at; /* the guest's cluster in `unpacked` */
	uint8_t *unpacked;    /* a cluster that was compressed; or NULL */
};

/* Opens the disk in a qcow2 file, which must live as long. Returns false when
 * it is encrypted, has a backing file, or its header makes no sense: then
 * nothing can be told of what is on it. */
bool qcow2_disk_open(struct qcow2_disk *qcow2, struct source *file);
void qcow2_disk_close(struct qcow2_disk *qcow2);

#endif
