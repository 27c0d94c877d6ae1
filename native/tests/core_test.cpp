// The compiled core without Python: every instruction set of the machine this runs on, against
// plain loops in double. For processors that the Python tests do not reach, under an emulator.
#include <cstdio>

#include "functions.h"
#include "passes.h"
#include "searches.h"
#include "sums.h"

using namespace gramian;

namespace {

void run(const Core& core, const Problem& at) {
    constexpr Form forms[] = {Form::squared_euclidean, Form::manhattan, Form::chebyshev};
    for (const Form form : forms) {
        searches(core, at, form, 1);
        searches(core, at, form, at.m < 5 ? at.m : 5);
        radii(core, at, form);
        mirrored(core, at, form);
        for (int number = 0; number < n_profiles; ++number) {
            const Kernel kernel = at.kernel(form, static_cast<Profile>(number));
            const std::vector<double> entries = at.entries(kernel);
            for (const int right : {0, 1, 11}) {
                sums(core, at, kernel, entries, Goal::sum, right);
            }
            sums(core, at, kernel, entries, Goal::weighted_mean, 3);
            sums(core, at, kernel, entries, Goal::logsumexp, 0);
            sums(core, at, kernel, entries, Goal::block, 0);
        }
    }
    assign(core, at);
    potential(core, at);
}

// Rows that are looked up.
void run_regions(const Core& core, const Problem& at) {
    searches(core, at, Form::squared_euclidean, 1);
    assign(core, at);
}

using Size = std::pair<int64_t, int64_t>;

}  // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    for (const std::string& name : instruction_sets()) {
        force(name);
        const Core& core = selected();
        std::printf("%s\n", core.name);
        const bool exact_enough =
            within_two_units<float>(core, -152.0f, std::nextafterf(128.0f, 0.0f), "float") &
            within_two_units<double>(core, -1077.0, std::nextafter(1024.0, 0.0), "double");
        if (!exact_enough) ++failures;
        int problems = 0;
        for (const bool is_double : {false, true}) {
            for (const int d : {1, 2, 3, 4, 5, 8, 16, 17, 33, 64, 65, 130, 300}) {
                for (const auto& [n, m] : {Size{1, 1}, Size{7, 3}, Size{33, 9}, Size{70, 130}}) {
                    const int layout = problems++ % Points::n_layouts;
                    const double offset = problems % 5 == 0 ? 1000.0 : 0.0;
                    run(core, Problem(n, m, d, is_double, layout, offset));
                }
            }
        }
        for (int d = 1; d <= Regions::most_features; ++d) {
            const bool is_double = ++problems % 2;
            run_regions(core, Problem(most_searched + 37, 9, d, is_double, problems % 3, 0.0));
        }
        std::printf("  %d problems\n", problems);
    }
    std::printf(failures ? "%d wrong\n" : "all right\n", failures);
    return failures ? 1 : 0;
}
