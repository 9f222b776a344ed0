// SPDX-License-Identifier: Apache-2.0
//
// cxxthrow - C++ with what makes it need its runtime: exceptions (unwinding across frames and threads), threads,
// iostreams and a UTF-8 locale. Prints one line for each.
#include <algorithm>
#include <future>
#include <iostream>
#include <locale>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace
{

struct unwound {
    int &count;
    ~unwound()
    {
        count++;
    }
};

int throw_at(int depth, int &count)
{
    unwound guard{count};
    if (depth == 0)
        throw std::out_of_range("bottom");
    return throw_at(depth - 1, count) + 1;
}

void catch_here()
{
    int count = 0;
    try {
        throw_at(10, count);
    } catch (const std::exception &error) {
        std::cout << "caught: " << error.what() << " after " << count << " frames\n";
    }
}

void catch_from_thread()
{
    auto result = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
    try {
        result.get();
    } catch (const std::runtime_error &error) {
        std::cout << "caught: " << error.what() << "\n";
    }
}

void add_in_threads()
{
    std::vector<long> sums(4);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < sums.size(); i++)
        threads.emplace_back([&sums, i] {
            for (long n = 0; n < 1000; n++)
                sums[i] += n;
        });
    long total = 0;
    for (size_t i = 0; i < sums.size(); i++) {
        threads[i].join();
        total += sums[i];
    }
    std::cout << "threads: " << total << "\n";
}

void use_locale()
{
    std::locale::global(std::locale("C.UTF-8"));
    std::wstring wide(4, L'\0');
    std::mbstate_t state{};
    const char *text = "h\xc3\xbcll"; // four characters, five bytes
    size_t count = std::mbsrtowcs(wide.data(), &text, wide.size(), &state);
    std::cout << "locale: " << std::locale().name() << ", " << count << " characters\n";
}

} // namespace

int main()
{
    catch_here();
    catch_from_thread();
    add_in_threads();
    use_locale();
}
