/* The demo guest: says what it sees of the machine, does the words among its
 * arguments from left to right, and powers off. Every word is a way for a run
 * to go that a test wants to see; words that it does not know mean nothing. */
#include "disk.h"
#include "machine.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	GRACE_MS = 1000,
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
