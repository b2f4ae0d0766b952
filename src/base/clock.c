#include "base/clock.h"

#define DAY 86400
#define LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct date {
	unsigned year, month, day;
};

static bool is_leap(unsigned y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static unsigned days_in(unsigned year, unsigned month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1 January 1970 to 1 January of `year`. */
static int64_t days_before(unsigned year)
{
	unsigned past = year - 1;
	unsigned leaps = past / 4 - past / 100 + past / 400;

	return (int64_t)(year - 1970) * 365 + leaps - 477; /* 477 leap years to 1969 */
}

static struct date date_of(int64_t days)
{
	/* 366 days a year is a floor of the year; at most 6 steps short by 9999. */
	struct date d = {.year = 1970 + (unsigned)(days / 366), .month = 1, .day = 1};

	while (days_before(d.year + 1) <= days)
		d.year++;
	days -= days_before(d.year);
	for (; days >= days_in(d.year, d.month); d.month++)
		days -= days_in(d.year, d.month);
	d.day += (unsigned)days;
	return d;
}

static int64_t in_range(int64_t utc)
{
	if (utc < 0)
		return 0;
	return utc > LAST ? LAST : utc;
}

static char *put_digits(char *at, unsigned v, unsigned count)
{
	for (unsigned i = count; i-- > 0; v /= 10)
		at[i] = (char)('0' + v % 10);
	return at + count;
}

void saksi_time_text(int64_t utc, char out[SAKSI_TIME_TEXT_LEN + 1])
{
	int64_t t = in_range(utc);
	struct date d = date_of(t / DAY);
	unsigned s = (unsigned)(t % DAY);

	out = put_digits(out, d.year, 4);
	*out++ = '-';
	out = put_digits(out, d.month, 2);
	*out++ = '-';
	out = put_digits(out, d.day, 2);
	*out++ = 'T';
	out = put_digits(out, s / 3600, 2);
	*out++ = ':';
	out = put_digits(out, s / 60 % 60, 2);
	*out++ = ':';
	out = put_digits(out, s % 60, 2);
	*out++ = 'Z';
	*out = '\0';
}

static unsigned digits_at(const uint8_t *at, unsigned count)
{
	unsigned v = 0;

	for (unsigned i = 0; i < count; i++)
		v = 10 * v + (at[i] - (unsigned)'0');
	return v;
}

enum saksi_err saksi_time_read(struct saksi_bytes s, int64_t *utc)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	struct date d;
	unsigned hour, minute, second;
	int64_t days;

	if (s.len != SAKSI_TIME_TEXT_LEN)
		return SAKSI_MALFORMED;
	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.at[i] >= '0' && s.at[i] <= '9';

		if (form[i] == 'd' ? !digit : s.at[i] != (uint8_t)form[i])
			return SAKSI_MALFORMED;
	}
	d = (struct date){digits_at(s.at, 4), digits_at(s.at + 5, 2),
			  digits_at(s.at + 8, 2)};
	hour = digits_at(s.at + 11, 2);
	minute = digits_at(s.at + 14, 2);
	second = digits_at(s.at + 17, 2);
	if (d.year < 1970 || d.month < 1 || d.month > 12 || d.day < 1 ||
	    d.day > days_in(d.year, d.month) || hour > 23 || minute > 59 || second > 59)
		return SAKSI_MALFORMED;
	days = days_before(d.year) + d.day - 1;
	for (unsigned m = 1; m < d.month; m++)
		days += days_in(d.year, m);
	*utc = days * DAY + hour * 3600 + minute * 60 + second;
	return SAKSI_OK;
}

void saksi_time_wib(int64_t utc, char out[32])
{
	static const char months[] = "JanFebMarAprMeiJunJulAguSepOktNovDes";
	static const char zone[] = " WIB";
	int64_t t = in_range(in_range(utc) + INT64_C(7) * 3600);
	struct date d = date_of(t / DAY);
	unsigned s = (unsigned)(t % DAY);
	const char *name = months + (size_t)3 * (d.month - 1);

	out = put_digits(out, d.day, d.day < 10 ? 1 : 2);
	*out++ = ' ';
	for (unsigned i = 0; i < 3; i++)
		*out++ = name[i];
	*out++ = ' ';
	out = put_digits(out, d.year, 4);
	*out++ = ' ';
	out = put_digits(out, s / 3600, 2);
	*out++ = '.';
	out = put_digits(out, s / 60 % 60, 2);
	for (unsigned i = 0; i < sizeof zone; i++)
		*out++ = zone[i];
}
