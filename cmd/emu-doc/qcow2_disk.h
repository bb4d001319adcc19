#ifndef QCOW2_DISK_H
#define QCOW2_DISK_H

#include "qcow2.h"
#include "source.h"

/* The disk in a qcow2 file. */
struct qcow2_disk {
	struct source disk; /* reads the disk as the guest sees it */
	struct source *file;
	struct qcow2_header header;
	unsigned entry_size;  /* bytes of an entry in a second-level table */
	uint64_t unpacked_at; /* offset of the cluster in `unpacked` */
	uint8_t
	    *unpacked; /* the last compressed cluster read; owned; or NULL */
};

/* Opens the disk in a qcow2 file, which must live as long as the disk. Returns
 * false if the disk cannot be read: it is encrypted, it has a backing file, or
 * its header is invalid. */
bool qcow2_disk_open(struct qcow2_disk *qcow2, struct source *file);
void qcow2_disk_close(struct qcow2_disk *qcow2);

#endif
