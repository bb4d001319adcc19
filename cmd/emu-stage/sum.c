#include "sum.h"

#include <endian.h>
#include <string.h>

/* The weight of a word: splitmix64's function of its place, made odd. */
static uint64_t
weight(uint64_t place)
{
	uint64_t z = place * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) | 1;
}

void
sum_add(void *context, const void *data, size_t len)
{
	struct sum *sum = context;
	const unsigned char *p = data;
	uint64_t place = sum->at / sizeof(uint64_t), value = sum->value;
	uint64_t word;

	sum->at += len;
	if (p == NULL)
		return;
	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		value += le64toh(word) * weight(place++);
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, p, len);
		value += le64toh(word) * weight(place);
	}
	sum->value = value;
}
