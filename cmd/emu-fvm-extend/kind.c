#include "kind.h"

#include <string.h>

struct signature {
	size_t at;
	size_t len;
	const char *bytes;
	struct kind kind;
};

#define BYTES(s) sizeof(s) - 1, s

static const struct signature signatures[] = {
    {0, BYTES("FVM SPRS"),
	{.what = "a sparse FVM",
	    .hint = "unpack it with the SDK's fvm tool",
	    .packed = true}},
    {0, BYTES("\x3a\xff\x26\xed"),
	{.what = "an Android sparse image",
	    .hint = "unpack it with simg2img",
	    .packed = true}},
    {0, BYTES("\x04\x22\x4d\x18"),
	{.what = "LZ4", .hint = "unpack it with lz4 -d", .packed = true}},
    {0, BYTES("\x28\xb5\x2f\xfd"),
	{.what = "zstd", .hint = "unpack it with zstd -d", .packed = true}},
    {0, BYTES("\x1f\x8b"),
	{.what = "gzip", .hint = "unpack it with gzip -d", .packed = true}},
    {0,
	BYTES("\xfd"
	      "7zXZ"),
	{.what = "xz", .hint = "unpack it with xz -d", .packed = true}},
    {0, BYTES("QFI\xfb"),
	{.what = "a qcow2 image",
	    .hint = "grow the raw image before the overlay is made"}},
    {0, BYTES("FxfsSupr"), {.what = "an Fxfs file system", .fxfs = true}},
    {0, BYTES("!MinFS!"), {.what = "a MinFS file system"}},
    {0, BYTES("\x21\x4d\x69\x9e\x47\x53\x21\xac"),
	{.what = "a BlobFS file system"}},
    {1080, BYTES("\x53\xef"), {.what = "an ext4 file system"}},
    {512, BYTES("EFI PART"), {.what = "a disk with a GPT"}},
    {1024, BYTES("\x10\x20\xf5\xf2"), {.what = "an F2FS file system"}},
};

const struct kind *
kind_of(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
		const struct signature *s = &signatures[i];

		if (len >= s->at + s->len &&
		    memcmp(bytes + s->at, s->bytes, s->len) == 0)
			return &s->kind;
	}
	return NULL;
}
