#include "log/config.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	size_t at; /* offset in struct saksi_log_config */
	uint64_t normal, least, most;
} numbers[] = {
#define SAKSI_LOG_NUMBER(name, normal, least, most)                                    \
	{#name, offsetof(struct saksi_log_config, name), normal, least, most},
    SAKSI_LOG_NUMBERS(SAKSI_LOG_NUMBER)
#undef SAKSI_LOG_NUMBER
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))
#define SEEN_ORIGIN NUMBERS
#define SEEN_OPEN (NUMBERS + 1)

static void set(struct saksi_log_config *c, size_t i, uint64_t v)
{
	memcpy((char *)c + numbers[i].at, &v, sizeof(v));
}

static uint64_t get(const struct saksi_log_config *c, size_t i)
{
	uint64_t v;

	memcpy(&v, (const char *)c + numbers[i].at, sizeof(v));
	return v;
}

void saksi_log_config_default(struct saksi_log_config *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < NUMBERS; i++)
		set(c, i, numbers[i].normal);
}

static struct saksi_bytes head(struct saksi_bytes *line)
{
	struct saksi_bytes name = *line;

	for (name.len = 0; name.len < line->len; name.len++)
		if (line->at[name.len] == ' ')
			break;
	*line = name.len < line->len ? (struct saksi_bytes){line->at + name.len + 1,
							    line->len - name.len - 1}
				     : (struct saksi_bytes){NULL, 0};
	return name;
}

/* One line's name and value into c; what is wrong with it, or NULL. */
static const char *take(struct saksi_log_config *c, struct saksi_bytes line,
			bool seen[NUMBERS + 2])
{
	struct saksi_bytes value = line, name = head(&value);
	size_t i = 0;
	uint64_t v;

	while (i < NUMBERS && !saksi_bytes_is(name, numbers[i].name))
		i++;
	if (saksi_bytes_is(name, "origin"))
		i = SEEN_ORIGIN;
	else if (saksi_bytes_is(name, "open"))
		i = SEEN_OPEN;
	else if (i == NUMBERS)
		return "a setting this program does not know";
	if (seen[i])
		return "this setting stands here twice";
	seen[i] = true;
	if (i == SEEN_ORIGIN) {
		c->origin = value;
		return value.len > 0 ? NULL : "no origin";
	}
	if (i == SEEN_OPEN) {
		c->open = saksi_bytes_is(value, "yes");
		return c->open || saksi_bytes_is(value, "no") ? NULL : "not yes or no";
	}
	if (saksi_text_decimal(value, &v) != SAKSI_OK)
		return "not a whole number";
	if (v < numbers[i].least || v > numbers[i].most)
		return "a number outside its limits (docs/formats/logdir.md)";
	set(c, i, v);
	return NULL;
}

static enum saksi_err first_line(struct saksi_bytes line, struct saksi_fault *f)
{
	struct saksi_bytes name = head(&line);
	uint64_t version;

	if (!saksi_bytes_is(name, "saksi-log") ||
	    saksi_text_decimal(line, &version) != SAKSI_OK)
		return saksi_fault_set(f, SAKSI_MALFORMED,
				       "the first line is not \"saksi-log 1\"", 0, 1);
	if (version != 1)
		return saksi_fault_set(f, SAKSI_NEWER, "made for a later version", 0,
				       1);
	return SAKSI_OK;
}

enum saksi_err saksi_log_config_read(struct saksi_bytes text,
				     struct saksi_log_config *out,
				     struct saksi_fault *f)
{
	struct saksi_cursor c = saksi_cursor_on(text);
	struct saksi_log_config got;
	bool seen[NUMBERS + 2] = {false};

	saksi_log_config_default(&got);
	for (uint32_t n = 1; c.left.len > 0; n++) {
		size_t at = text.len - c.left.len;
		struct saksi_bytes line = saksi_cursor_line(&c);
		const char *wrong;

		if (!c.ok)
			return saksi_fault_set(f, SAKSI_MALFORMED,
					       "no newline at the end", at, n);
		if (n == 1) {
			SAKSI_TRY(first_line(line, f));
			continue;
		}
		if (line.len == 0 || line.at[0] == '#')
			continue;
		wrong = take(&got, line, seen);
		if (wrong != NULL)
			return saksi_fault_set(f, SAKSI_MALFORMED, wrong, at, n);
	}
	if (!seen[SEEN_ORIGIN] || !seen[SEEN_OPEN])
		return saksi_fault_set(
		    f, SAKSI_MALFORMED,
		    "a log's config says its origin and open yes or no", text.len, 0);
	*out = got;
	return SAKSI_OK;
}

void saksi_log_config_write(const struct saksi_log_config *c, struct saksi_buf *out)
{
	saksi_buf_puts(out, "saksi-log 1\norigin ");
	saksi_buf_put(out, c->origin);
	saksi_buf_puts(out, c->open ? "\nopen yes\n" : "\nopen no\n");
	for (size_t i = 0; i < NUMBERS; i++) {
		saksi_buf_puts(out, numbers[i].name);
		saksi_buf_puts(out, " ");
		saksi_buf_put_decimal(out, get(c, i));
		saksi_buf_puts(out, "\n");
	}
}
