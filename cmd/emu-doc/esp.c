#include "esp.h"

#include <string.h>

enum {
	ENTRY = 32,          /* bytes of a directory's entry */
	NAME = 11,           /* of these: the name, without its dot */
	CHAIN = 64,          /* clusters of a directory are looked at, */
	LOOKED_AT = 1 << 18, /* and bytes of each region */
	FAT12_LIMIT = 4085,  /* clusters: FAT's only sign of its kind */
	FAT16_LIMIT = 65525,
};

/* A FAT file system (Microsoft, FAT32 File System Specification); all in bytes
 * from the source's beginning. */
struct fat {
	struct source *source;
	uint64_t table;
	uint64_t root, root_size; /* a region; size 0: root is a cluster */
	uint64_t data;
	uint64_t cluster_size;
	uint64_t clusters;
};

static bool
open_fat(struct source *source, uint64_t base, struct fat *fat)
{
	uint64_t sector = source_16(source, base + 11);
	uint64_t per_cluster = source_8(source, base + 13);
	uint64_t reserved = source_16(source, base + 14);
	uint64_t copies = source_8(source, base + 16);
	uint64_t entries = source_16(source, base + 17);
	uint64_t sectors = source_16(source, base + 19);
	uint64_t table_size = source_16(source, base + 22);

	if (sectors == 0)
		sectors = source_32(source, base + 32);
	if (table_size == 0)
		table_size = source_32(source, base + 36);
	if (sector < 512 || sector > 4096 || per_cluster == 0)
		return false;
	fat->source = source;
	fat->table = base + reserved * sector;
	fat->root = fat->table + copies * table_size * sector;
	fat->root_size = entries * ENTRY;
	fat->data =
	    fat->root + (entries * ENTRY + sector - 1) / sector * sector;
	fat->cluster_size = per_cluster * sector;
	uint64_t used = (fat->data - base) / sector;
	fat->clusters = sectors > used ? (sectors - used) / per_cluster : 0;
	if (entries == 0)
		fat->root = source_32(source, base + 44);
	return fat->clusters > 0;
}

static uint64_t
next_cluster(const struct fat *fat, uint64_t n)
{
	if (fat->clusters >= FAT16_LIMIT)
		return source_32(fat->source, fat->table + n * 4) & 0x0fffffff;
	if (fat->clusters >= FAT12_LIMIT)
		return source_16(fat->source, fat->table + n * 2);
	unsigned pair = source_16(fat->source, fat->table + n + n / 2);
	return n % 2 == 0 ? pair & 0xfff : pair >> 4;
}

/* The first cluster of the entry called name in a region of a directory; 0 when
 * it is not there. */
static uint64_t
find_in(const struct fat *fat, uint64_t at, uint64_t size, const char *name)
{
	if (size > LOOKED_AT)
		size = LOOKED_AT;
	for (uint64_t end = at + size; at + ENTRY <= end; at += ENTRY) {
		if (source_has(fat->source, at, name, NAME))
			return (uint64_t)source_16(fat->source, at + 20) << 16 |
			       source_16(fat->source, at + 26);
	}
	return 0;
}

/* The same for a whole directory; cluster 0 is the root. */
static uint64_t
find(const struct fat *fat, uint64_t cluster, const char *name)
{
	uint64_t found = 0;

	if (cluster == 0 && fat->root_size > 0)
		return find_in(fat, fat->root, fat->root_size, name);
	if (cluster == 0)
		cluster = fat->root;
	for (int i = 0; i < CHAIN && found == 0; i++) {
		if (cluster < 2 || cluster >= fat->clusters + 2)
			break;
		found =
		    find_in(fat, fat->data + (cluster - 2) * fat->cluster_size,
			fat->cluster_size, name);
		cluster = next_cluster(fat, cluster);
	}
	return found;
}

unsigned
esp_look(struct source *source, uint64_t offset, const struct target **target)
{
	struct fat fat;
	unsigned count = 0;

	if (!open_fat(source, offset, &fat))
		return 0;
	uint64_t efi = find(&fat, 0, "EFI        ");
	uint64_t boot = efi == 0 ? 0 : find(&fat, efi, "BOOT       ");
	for (const struct target *t = source->targets->list;
	     boot != 0 && t->name != NULL; t++) {
		if (t->efi == NULL || strlen(t->efi) != NAME ||
		    find(&fat, boot, t->efi) == 0)
			continue;
		*target = t;
		count++;
	}
	return count;
}

bool
esp_has_system(struct source *source)
{
	static const char *const names[] = {"IO      SYS", "IBMBIO  COM",
	    "KERNEL  SYS", "LDLINUX SYS", "NTLDR      ", "BOOTMGR    ",
	    "GRLDR      "};
	struct fat fat;
	uint64_t found = 0;

	if (!open_fat(source, 0, &fat))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		found |= find(&fat, 0, names[i]);
	return found != 0;
}
