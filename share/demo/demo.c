/* The demo guest: says what it sees of the machine, does the words among its
 * arguments from left to right, and powers off. Every word is a way for a run
 * to go that a test wants to see; words that it does not know mean nothing. */
#include "disk.h"
#include "machine.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	GRACE_MS = 1000,
	ZBI_HEADER = 32,          /* bytes, of the ZBI and of each item */
	ZBI_BOOT = 0x544f4f42,    /* "BOOT" */
	ZBI_CMDLINE = 0x4c444d43, /* "CMDL" */
	ZBI_FILE = 0x4c465442,    /* "BTFL": a name's length, the name, bytes */
};

static void
say(const char *text)
{
	for (; *text != '\0'; text++)
		machine_put((unsigned char)*text);
}

static void
say_number(uint64_t n)
{
	char digits[21];
	char *p = digits + sizeof(digits);

	*--p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	say(p);
}

static void
say_sector(const unsigned char *sector)
{
	for (int i = 0; i < 16; i++) {
		unsigned char c = sector[i];

		machine_put(c >= ' ' && c <= '~' ? c : '.');
	}
}

static void
say_text(const unsigned char *text, uint64_t len)
{
	for (uint64_t i = 0; i < len; i++) {
		unsigned char c = text[i];

		if (c == '\n')
			say("\r\n");
		else if (c != '\0')
			machine_put(c >= ' ' && c <= '~' ? c : '.');
	}
}

static uint32_t
word(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void
say_item(const unsigned char *item)
{
	const unsigned char *payload = item + ZBI_HEADER;
	uint32_t len = word(item + 4);

	say("item ");
	say_text(item, 4);
	say(": ");
	say_number(len);
	say(" bytes\r\n");
	if (word(item) == ZBI_CMDLINE) {
		say("command line: ");
		say_text(payload, len);
		say("\r\n");
	} else if (word(item) == ZBI_FILE && len > payload[0]) {
		say("file ");
		say_text(payload + 1, payload[0]);
		say(":\r\n");
		say_text(payload + 1 + payload[0], len - 1 - payload[0]);
		say("\r\n");
	}
}

/* A ZBI, as Zircon gets one, shows that what was put into it arrives. */
static void
say_zbi(void)
{
	uint64_t size;
	const unsigned char *zbi = machine_module(&size);

	if (zbi == NULL || size < ZBI_HEADER || word(zbi) != ZBI_BOOT)
		return;
	const unsigned char *end = zbi + ZBI_HEADER + word(zbi + 4);
	if (end > zbi + size) {
		say("the ZBI is cut short\r\n");
		return;
	}
	for (const unsigned char *p = zbi + ZBI_HEADER; p < end;
	     p += ZBI_HEADER + ((word(p + 4) + 7) & ~7U))
		say_item(p);
}

static void
say_hello(void)
{
	const char *why = NULL;

	say("emu demo guest, ");
	say(machine_name);
	say("\r\nmemory: ");
	say_number(machine_memory());
	say(" KiB\r\narguments: ");
	say(machine_arguments());
	say("\r\ndisk: ");
	const unsigned char *sector = disk_first_sector(&why);
	if (sector != NULL)
		say_sector(sector);
	else
		say(why);
	say("\r\n");
}

static void
pause(uint64_t milliseconds)
{
	/* The tick that is under way does not count. */
	uint64_t end =
	    machine_ticks() + 1 + (milliseconds + TICK_MS - 1) / TICK_MS;

	while (machine_ticks() < end)
		machine_rest();
}

static void
echo(void)
{
	for (;;) {
		int c = machine_get();

		if (c == 4)
			return;
		if (c >= 0)
			machine_put((unsigned char)c);
		else
			machine_rest();
	}
}

static void
flood(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		machine_put((unsigned char)(i ^ i >> 8 ^ i >> 16));
}

static _Noreturn void
noise(void)
{
	for (uint64_t i = 0;; i++) {
		say("noise ");
		say_number(i);
		say("\r\n");
		pause(TICK_MS);
	}
}

/* The machine was asked to end: gives it time to, then says why it did not, and
 * does not pretend. */
static _Noreturn void
end(const char *how, const char *missing)
{
	if (missing != NULL) {
		pause(GRACE_MS);
		say("cannot ");
		say(how);
		say(": ");
		say(missing);
		say("\r\n");
	}
	machine_hang();
}

static size_t
word_length(const char *word)
{
	size_t n = 0;

	while (word[n] != '\0' && word[n] != ' ')
		n++;
	return n;
}

/* Whether the word of len bytes is name, or for a name that ends in '=' begins
 * with it; *value is what comes after. */
static bool
is(const char *word, size_t len, const char *name, const char **value)
{
	size_t i = 0;

	while (i < len && name[i] != '\0' && word[i] == name[i])
		i++;
	*value = word + i;
	return name[i] == '\0' && (i == len || name[i - 1] == '=');
}

/* The number behind the word's '='. A typing error must not end in success. */
static uint64_t
number(const char *word, size_t len, const char *digits, uint64_t max)
{
	uint64_t n = 0;
	const char *p = digits;

	for (; *p >= '0' && *p <= '9' && n <= max; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p == word + len && p != digits && n <= max)
		return n;
	say("cannot understand ");
	for (size_t i = 0; i < len; i++)
		machine_put((unsigned char)word[i]);
	say(": expected 0 to ");
	say_number(max);
	say("\r\n");
	machine_hang();
}

static void
act(const char *word, size_t len)
{
	const char *v;

	if (is(word, len, "wait=", &v)) {
		pause(number(word, len, v, 86400000));
	} else if (is(word, len, "echo", &v)) {
		echo();
	} else if (is(word, len, "flood=", &v)) {
		flood(number(word, len, v, UINT32_MAX));
	} else if (is(word, len, "noise", &v)) {
		noise();
	} else if (is(word, len, "poweroff", &v)) {
		machine_drain();
		end("power off", machine_poweroff());
	} else if (is(word, len, "exit=", &v)) {
		unsigned char n = (unsigned char)number(word, len, v, 127);
		machine_drain();
		end("exit", machine_exit(n));
	} else if (is(word, len, "panic", &v)) {
		machine_drain();
		end("panic", machine_panic());
	} else if (is(word, len, "fault", &v)) {
		machine_drain();
		end("fault", machine_fault());
	} else if (is(word, len, "reset", &v)) {
		machine_drain();
		end("reset", machine_reset());
	} else if (is(word, len, "hang", &v)) {
		machine_drain();
		end("hang", NULL);
	}
}

_Noreturn void
demo(uintptr_t boot)
{
	machine_start(boot);
	say_hello();
	say_zbi();
	for (const char *p = machine_arguments(); *p != '\0';) {
		size_t len = word_length(p);

		act(p, len);
		p += len;
		while (*p == ' ')
			p++;
	}
	machine_drain();
	end("power off", machine_poweroff());
}
