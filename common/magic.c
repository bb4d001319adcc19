#include "magic.h"

#include <string.h>

#define AT(place, s) .offset = (place), .len = sizeof(s) - 1, .bytes = s
#define BYTES(s) AT(0, s)

static const struct magic magics[] = {
    {BYTES("FVM PART"), MAGIC_FUCHSIA, "fvm", "an FVM disk"},
    {BYTES("FxfsSupr"), MAGIC_FUCHSIA, "fxfs", "an Fxfs file system"},
    {BYTES("!MinFS!"), MAGIC_FUCHSIA, "minfs", "a MinFS file system"},
    {BYTES("\x21\x4d\x69\x9e\x47\x53\x21\xac"), MAGIC_FUCHSIA, "blobfs",
	"a BlobFS file system"},

    {BYTES("QFI\xfb"), MAGIC_DISK, "qcow2", "a qcow2 disk"},
    {BYTES("KDMV"), MAGIC_DISK, "vmdk", "a vmdk disk"},
    {BYTES("COWD"), MAGIC_DISK, "vmdk", "a vmdk disk"},
    {BYTES("# Disk DescriptorFile"), MAGIC_DISK, "vmdk",
	"a vmdk disk's description"},
    {BYTES("vhdxfile"), MAGIC_DISK, "vhdx", "a vhdx disk"},
    {BYTES("conectix"), MAGIC_DISK, "vpc", "a vpc disk"},
    {AT(64, "\x7f\x10\xda\xbe"), MAGIC_DISK, "vdi", "a vdi disk"},
    {BYTES("QED\0"), MAGIC_DISK, "qed", "a QED disk"},
    {BYTES("WithoutFreeSpace"), MAGIC_DISK, "parallels", "a Parallels disk"},
    {BYTES("WithouFreSpacExt"), MAGIC_DISK, "parallels", "a Parallels disk"},

    {AT(1080, "\x53\xef"), MAGIC_SYSTEM, "ext4", "an ext4 file system"},
    {BYTES("XFSB"), MAGIC_SYSTEM, "xfs", "an xfs file system"},
    {AT(65600, "_BHRfS_M"), MAGIC_SYSTEM, "btrfs", "a btrfs file system"},
    {BYTES("hsqs"), MAGIC_SYSTEM, "squashfs", "a squashfs file system"},
    {AT(1024, "\xe2\xe1\xf5\xe0"), MAGIC_SYSTEM, "erofs",
	"an erofs file system"},
    {AT(1024, "\x10\x20\xf5\xf2"), MAGIC_SYSTEM, "f2fs", "an F2FS file system"},
    {AT(512, "EFI PART"), MAGIC_PARTITIONS, NULL, "a disk with a GPT"},

    {BYTES("\x1f\x8b"), MAGIC_PACKED, "gzip", "gzip data",
	"unpack it with gzip -d"},
    {BYTES("\xfd\x37zXZ"), MAGIC_PACKED, "xz", "xz data",
	"unpack it with xz -d"},
    {BYTES("\x28\xb5\x2f\xfd"), MAGIC_PACKED, "zstd", "zstd data",
	"unpack it with zstd -d"},
    {BYTES("\x02\x21\x4c\x18"), MAGIC_PACKED, "lz4", "lz4 data",
	"unpack it with lz4 -d"},
    {BYTES("BZh"), MAGIC_PACKED, "bzip2", "bzip2 data",
	"unpack it with bzip2 -d"},
    {BYTES("\x5d\0\0"), MAGIC_PACKED, "lzma", "lzma data",
	"unpack it with lzma -d"},
    {BYTES("\x89LZO\0\r\n\x1a\n"), MAGIC_PACKED, "lzop", "lzop data",
	"unpack it with lzop -d"},
    {BYTES("\x04\x22\x4d\x18"), MAGIC_OTHER, "lz4",
	"lz4 data of a kind that Linux does not read (lz4 -l makes the other)",
	"unpack it with lz4 -d"},
    {BYTES("FVM SPRS"), MAGIC_OTHER, NULL, "a sparse FVM",
	"unpack it with the SDK's fvm tool"},
    {BYTES("\x3a\xff\x26\xed"), MAGIC_SPARSE, NULL, "an Android sparse image",
	"unpack it with simg2img"},

    {BYTES("070701"), MAGIC_INITRD, NULL, "a cpio archive"},
    {BYTES("070702"), MAGIC_INITRD, NULL, "a cpio archive"},
    {BYTES("\xd0\x0d\xfe\xed"), MAGIC_DTB, NULL, "a device tree"},
    {BYTES("070707"), MAGIC_OTHER, NULL,
	"a cpio archive of the old kind, which Linux does not read (cpio -H "
	"newc makes the new one)"},
    {BYTES("PK\3\4"), MAGIC_OTHER, NULL, "a zip archive"},
    {AT(257, "ustar"), MAGIC_OTHER, NULL, "a tar archive"},
    {BYTES("!<arch>\n"), MAGIC_OTHER, NULL, "an ar archive"},
    {BYTES("#!"), MAGIC_OTHER, NULL, "a script"},
};

const struct magic *
magic_find(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
		const struct magic *m = &magics[i];

		if (len >= (size_t)m->offset + m->len &&
		    memcmp(bytes + m->offset, m->bytes, m->len) == 0)
			return m;
	}
	return NULL;
}
