/* test_weekdays.c - printed weekday patterns. */
#include "with_lines.h"
#include "domain/weekdays.h"

/* want: seven digits, Monday first. */
static void marks(const char *text, const char *want)
{
    tm_weekdays_t w;
    if (!tm_weekdays_read(tm_str(text), &w)) {
        fail_msg("%s was not understood", text);
    }
    for (int d = 0; d < 7; d++) {
        if (w.weight[d] != want[d] - '0') {
            fail_msg("%s: day %d has %d", text, d, w.weight[d]);
        }
    }
}

static void weekdays__grids(void **state)
{
    (void)state;
    marks("MTWTF--", "1111100");
    marks("M-W-F--", "1010100");
    marks("-----SS", "0000011");
    marks("MTWTFSS", "1111111");
    marks("MTWRFSU", "1111111");
    marks("XX-X--X", "1101001");
    marks("1-1----", "1010000");
    marks("2.1....", "2010000");
    marks("1100000", "1100000");
    marks("YYYYYNN", "1111100");
    marks("1 - 12 - - - 3", "10<0003"); /* the sign after 9, : and ; stands for 12 */
    marks("M T W T F - -", "1111100");
}

static void weekdays__letters_show_another_beginning(void **state)
{
    (void)state;
    marks("TWTFSSM", "1111111");
    marks("TW-----", "0110000"); /* fits Tuesday first only */
    marks("-TWT---", "0111000");
    marks("--TF---", "0001100"); /* Tuesday first: T stands for Thursday, F for Friday */
}

static void weekdays__names_and_ranges(void **state)
{
    (void)state;
    marks("M-F", "1111100");
    marks("Mo-Su", "1111111");
    marks("Tue-Sun", "0111111");
    marks("Sa-Su", "0000011");
    marks("Sat/Sun", "0000011");
    marks("MTuWThFSaSu", "1111111");
    marks("MWF", "1010100");
    marks("TTh", "0101000");
    marks("TuTh", "0101000");
    marks("MTWTF", "1111100");
    marks("M,W,F", "1010100");
    marks("F-M", "1000111");
    marks("Sa", "0000010");
    marks("thursday", "0001000");
    marks("M-F, Su", "1111101");
}

static void weekdays__nothing_is_guessed(void **state)
{
    (void)state;
    tm_weekdays_t w;
    static const char *const strange[] = {"",  "-------", "M-S", "xyz",     "various", "1",
                                          "5", "M-",      "-F",  "MTWQFSS", "0000000", "ROS"};
    for (size_t i = 0; i < TM_COUNT(strange); i++) {
        if (tm_weekdays_read(tm_str(strange[i]), &w)) {
            fail_msg("%s was understood", strange[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weekdays__grids),
        cmocka_unit_test(weekdays__letters_show_another_beginning),
        cmocka_unit_test(weekdays__names_and_ranges),
        cmocka_unit_test(weekdays__nothing_is_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
