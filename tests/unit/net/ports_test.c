/* The ports that a server may still connect to after it gave up the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/ports.h"

static const char *const PROXIES[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
				      "all_proxy", "ALL_PROXY"};

static int no_proxies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(PROXIES) / sizeof(*PROXIES); i++)
		if (unsetenv(PROXIES[i]) != 0)
			return -1;
	return 0;
}

static void goes_to(const char *url, size_t count, uint16_t first, uint16_t second)
{
	uint16_t ports[SAKSI_PORTS_EACH] = {0};

	assert_int_equal(saksi_client_ports(url, ports), count);
	assert_int_equal(ports[0], first);
	assert_int_equal(ports[1], second);
}

static void a_url_says_its_port(void **state)
{
	(void)state;
	goes_to("http://127.0.0.1:8080", 1, 8080, 0);
	goes_to("http://w.example/x", 1, 80, 0);
	goes_to("https://w.example", 1, 443, 0);
	goes_to("https://[::1]:4443/a?b=c:9", 1, 4443, 0);
	goes_to("ftp://w.example", 0, 0, 0);
	goes_to("file:///etc/passwd", 0, 0, 0);
	goes_to("http://w.example:99999/", 0, 0, 0);
	goes_to("", 0, 0, 0);
}

static void a_proxy_adds_its_own(void **state)
{
	(void)state;
	assert_int_equal(setenv("all_proxy", "socks5://p.example", 1), 0);
	goes_to("http://w.example", 2, 80, 1080);
	assert_int_equal(setenv("http_proxy", "p.example:3128", 1), 0);
	goes_to("http://w.example", 2, 80, 3128);
	goes_to("https://w.example", 2, 443, 1080);
	assert_int_equal(setenv("https_proxy", "https://p.example", 1), 0);
	goes_to("https://w.example:8443", 2, 8443, 443);
	goes_to("https://w.example", 1, 443, 0);
	assert_int_equal(no_proxies(NULL), 0);
	goes_to("https://w.example:8443", 1, 8443, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_url_says_its_port, no_proxies),
	    cmocka_unit_test_setup(a_proxy_adds_its_own, no_proxies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
