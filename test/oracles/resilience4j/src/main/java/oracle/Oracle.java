package oracle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Writes what resilience4j does with random sequences, the same ones each time. Argument: the folder to write into. */
public final class Oracle {
    private static final int MAX_TRIES = 50;

    private interface Sequence {
        String play(Random random, int number) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        write(folder.resolve("breaker.jsonl"), 48, BreakerSequence::play);
        write(folder.resolve("rate.jsonl"), 24, RateSequence::play);
        write(folder.resolve("bulkhead.jsonl"), 16, BulkheadSequence::play);
        System.exit(0);
    }

    private static void write(Path file, int count, Sequence sequence) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int number = 0; number < count; number++) lines.append(inTime(sequence, number)).append('\n');
        Files.writeString(file, lines);
    }

    /** What runs in real time is played again where the machine was too slow for it. */
    private static String inTime(Sequence sequence, int number) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                return sequence.play(new Random(number), number);
            } catch (TooSlow tooSlow) {
                if (tries == MAX_TRIES) throw tooSlow;
            }
        }
    }

    static final class TooSlow extends RuntimeException {
        TooSlow() {
            super("The machine is too busy for sequences that run in real time.");
        }
    }
}
