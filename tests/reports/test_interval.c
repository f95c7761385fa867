/* test_interval.c - Wilson's interval against values worked out by other means. */
#include <criterion/criterion.h>
#include <math.h>

#include "reports/interval.h"

static void expect(uint64_t part, uint64_t whole, double low, double high) {
    struct rp_interval interval = rp_wilson(part, whole);
    cr_expect(fabs(interval.low - low) < 5e-5, "%llu of %llu: low %.6f", (unsigned long long)part,
              (unsigned long long)whole, interval.low);
    cr_expect(fabs(interval.high - high) < 5e-5, "%llu of %llu: high %.6f",
              (unsigned long long)part, (unsigned long long)whole, interval.high);
}

/* With z the bounds solve (p - share)^2 = z^2 p (1 - p) / n, which is what is checked here; of 0 in n the
 * upper one is z^2 / (n + z^2). */
Test(interval, bounds_solve_the_equation_of_the_score) {
    static const uint64_t cases[][2] = {{1, 10}, {5, 10}, {9, 10}, {17, 40}, {999, 1000}};
    const double square = 1.959963984540054 * 1.959963984540054;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double n = (double)cases[i][1], share = (double)cases[i][0] / n;
        struct rp_interval interval = rp_wilson(cases[i][0], cases[i][1]);
        double bound[] = {interval.low, interval.high};
        cr_expect(interval.low < share && share < interval.high);
        for (int end = 0; end < 2; end++) {
            double distance = (bound[end] - share) * (bound[end] - share);
            cr_expect(fabs(distance - square * bound[end] * (1 - bound[end]) / n) < 1e-12);
        }
    }
    expect(0, 10, 0, square / (10 + square));
    expect(10, 10, 10 / (10 + square), 1);
}

Test(interval, known_values) {
    expect(5, 10, 0.2366, 0.7634);
    expect(1, 10, 0.0179, 0.4042);
    expect(0, 0, 0, 1);
}

Test(interval, more_trials_narrow_it) {
    double before = 1;
    for (uint64_t whole = 10; whole <= 1000000; whole *= 10) {
        struct rp_interval interval = rp_wilson(whole / 5, whole);
        cr_expect(interval.high - interval.low < before);
        before = interval.high - interval.low;
    }
}
