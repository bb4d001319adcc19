/* A mutator for harnesses whose input is a document: it changes values, so that
 * most inputs get past the parser. One in four is changed as bytes. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's interface. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(
    uint8_t *data, size_t size, size_t most, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size,
    const uint8_t *data2, size_t size2, uint8_t *out, size_t most,
    unsigned int seed);

/* A value somewhere in a document. */
struct slot {
	json_t *parent, *value;
	const char *key; /* in an object */
	size_t index;    /* in an array */
};

static const char *const odd_values[] = {"null", "true", "false", "0", "1",
    "-1", "65536", "4294967296", "9223372036854775807", "-9223372036854775808",
    "0.5", "\"\"", "\"a,b=c\"", "\"../x\"", "\"auto\"", "\"none\"", "[]",
    "[[]]", "{}", "{\"\":{}}"};

static size_t
below(unsigned int *seed, size_t n)
{
	return (size_t)rand_r(seed) % n;
}

/* Every value under the parent has the same chance to be the slot. */
static void
pick_below(json_t *parent, struct slot *slot, size_t *seen, unsigned int *seed)
{
	json_t *value;
	const char *key;
	size_t i;

	json_object_foreach(parent, key, value)
	{
		if (below(seed, ++*seen) == 0)
			*slot = (struct slot){parent, value, key, 0};
		pick_below(value, slot, seen, seed);
	}
	json_array_foreach(parent, i, value)
	{
		if (below(seed, ++*seen) == 0)
			*slot = (struct slot){parent, value, NULL, i};
		pick_below(value, slot, seen, seed);
	}
}

static struct slot
pick(json_t *root, unsigned int *seed)
{
	struct slot slot = {0};
	size_t seen = 0;

	pick_below(root, &slot, &seen, seed);
	return slot;
}

/* Takes the reference to the value, which may be NULL. */
static void
put(const struct slot *slot, json_t *value)
{
	if (slot->key != NULL)
		json_object_set_new(slot->parent, slot->key, value);
	else
		json_array_set_new(slot->parent, slot->index, value);
}

static void
take_out(const struct slot *slot)
{
	if (slot->key != NULL)
		json_object_del(slot->parent, slot->key);
	else
		json_array_remove(slot->parent, slot->index);
}

/* A copy of the other value beside the slot, under the key that it had. */
static void
add_beside(const struct slot *slot, const struct slot *other)
{
	json_t *copy = json_deep_copy(other->value);

	if (json_is_array(slot->parent))
		json_array_insert_new(slot->parent, slot->index, copy);
	else
		json_object_set_new(slot->parent,
		    other->key != NULL ? other->key : slot->key, copy);
}

static json_t *
odd_value(unsigned int *seed)
{
	const size_t n = sizeof(odd_values) / sizeof(*odd_values);

	return json_loads(odd_values[below(seed, n)], JSON_DECODE_ANY, NULL);
}

/* Another number or string; of other types, an odd value. */
static void
change(const struct slot *slot, unsigned int *seed)
{
	uint8_t bytes[256];

	if (json_is_integer(slot->value)) {
		json_int_t n = json_integer_value(slot->value);

		LLVMFuzzerMutate((uint8_t *)&n, sizeof(n), sizeof(n));
		put(slot, json_integer(n));
		return;
	}
	size_t len = json_string_length(slot->value);
	if (!json_is_string(slot->value) || len > sizeof(bytes)) {
		put(slot, odd_value(seed));
		return;
	}
	memcpy(bytes, json_string_value(slot->value), len);
	len = LLVMFuzzerMutate(bytes, len, sizeof(bytes));
	/* What is no UTF-8 is left to the mutation of bytes. */
	put(slot, json_stringn((const char *)bytes, len));
}

static void
mutate(json_t *root, json_t *other_root, unsigned int *seed)
{
	struct slot slot = pick(root, seed), other = pick(other_root, seed);

	if (slot.parent == NULL || other.parent == NULL)
		return;
	switch (below(seed, 8)) {
	case 0:
		take_out(&slot);
		break;
	case 1:
		put(&slot, odd_value(seed));
		break;
	case 2:
		put(&slot, json_deep_copy(other.value));
		break;
	case 3:
	case 4:
		add_beside(&slot, &other);
		break;
	default:
		change(&slot, seed);
		break;
	}
}

static json_t *
parse(const uint8_t *data, size_t size)
{
	return json_loadb((const char *)data, size, 0, NULL);
}

/* Returns the length of the text, 0 when it is longer than most. */
static size_t
print(json_t *root, uint8_t *out, size_t most, unsigned int *seed)
{
	size_t flags = below(seed, 2) ? JSON_COMPACT : JSON_INDENT(2);
	size_t len = json_dumpb(root, NULL, 0, flags);

	if (len > most)
		return 0;
	return json_dumpb(root, (char *)out, most, flags);
}

size_t
LLVMFuzzerCustomMutator(
    uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	json_t *root = below(&seed, 4) == 0 ? NULL : parse(data, size);
	size_t len = 0;

	if (root != NULL) {
		mutate(root, root, &seed);
		len = print(root, data, most, &seed);
		json_decref(root);
	}
	return len > 0 ? len : LLVMFuzzerMutate(data, size, most);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size,
    const uint8_t *data2, size_t size2, uint8_t *out, size_t most,
    unsigned int seed)
{
	json_t *root = parse(data, size), *other = parse(data2, size2);
	size_t len = 0;

	if (root != NULL && other != NULL) {
		for (size_t n = 1 + below(&seed, 3); n > 0; n--)
			mutate(root, other, &seed);
		len = print(root, out, most, &seed);
	}
	json_decref(root);
	json_decref(other);
	return len;
}
