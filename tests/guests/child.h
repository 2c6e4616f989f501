// What lifecycle says to a child over the edge: word 0 is one of these, word 1 its argument.
enum { SAY_CONSOLE = 1, SAY_COUNT = 2, SAY_EXIT = 3, SAY_SPIN = 4 };
