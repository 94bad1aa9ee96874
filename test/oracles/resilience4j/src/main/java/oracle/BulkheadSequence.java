package oracle;

import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.internal.SemaphoreBulkhead;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls at a fair bulkhead. SemaphoreBulkhead waits in threads and in real time: each request that waits is a thread of its own, and
 * time goes on in ticks of 60 real ms, with a maximal wait between two ticks, so that who has waited too long has gone well before the
 * next operation. Operations: e enter, l leave, g one that waits goes (its thread is interrupted), t a tick. Noted, after each: the
 * request that it is about, places taken, requests that wait, and who got in or was refused by it, in order (+ and - with the number).
 */
final class BulkheadSequence {
    private static final int STEPS = 60;
    private static final int TICK_MS = 60;
    private final Random random;
    private final Record record = new Record();
    private final int places;
    private final int maxWaitMs;
    private final SemaphoreBulkhead bulkhead;
    private final Semaphore semaphore;
    private final List<Caller> waiting = new ArrayList<>();
    private int callers = 0;
    private int active = 0;
    private long tickAt;

    private static final class Caller extends Thread {
        final int number;
        final SemaphoreBulkhead bulkhead;
        volatile Boolean isIn = null;

        Caller(int number, SemaphoreBulkhead bulkhead) {
            this.number = number;
            this.bulkhead = bulkhead;
        }

        @Override
        public void run() {
            isIn = bulkhead.tryAcquirePermission();
        }
    }

    static String play(Random random, int number) throws Exception {
        return new BulkheadSequence(random, number).play();
    }

    private BulkheadSequence(Random random, int number) throws Exception {
        this.random = random;
        places = 1 + random.nextInt(4);
        maxWaitMs = number % 4 == 0 ? 0 : TICK_MS * random.nextInt(4) + TICK_MS / 2;
        bulkhead = new SemaphoreBulkhead("oracle", BulkheadConfig.custom().fairCallHandlingStrategyEnabled(true)
            .maxConcurrentCalls(places).maxWaitDuration(Duration.ofMillis(maxWaitMs)).build());
        Field field = SemaphoreBulkhead.class.getDeclaredField("semaphore");
        field.setAccessible(true);
        semaphore = (Semaphore) field.get(bulkhead);
        record.rule("maxConcurrentCalls", places).rule("maxWaitMs", maxWaitMs).rule("tickMs", TICK_MS);
    }

    private String play() throws Exception {
        tickAt = System.nanoTime();
        for (int step = 0; step < STEPS; step++) {
            char operation = operation();
            List<String> ended = new ArrayList<>();
            int about = apply(operation, ended);
            if (System.nanoTime() - tickAt > TICK_MS / 3 * 1_000_000L) throw new Oracle.TooSlow();
            record.note("operation", operation).note("about", about).note("active", places - semaphore.availablePermits())
                .note("waiting", semaphore.getQueueLength()).note("ended", String.join(" ", ended));
        }
        for (Caller caller : waiting) caller.interrupt();
        return record.line();
    }

    private char operation() {
        int choice = random.nextInt(100);
        if (choice < 45) return 'e';
        if (choice < 70 && active > 0) return 'l';
        if (choice < 80 && !waiting.isEmpty()) return 'g';
        return choice < 93 ? 't' : 'e';
    }

    private int apply(char operation, List<String> ended) throws Exception {
        switch (operation) {
            case 'e' -> {
                Caller caller = new Caller(callers++, bulkhead);
                int queued = waiting.size();
                caller.start();
                while (caller.isIn == null && semaphore.getQueueLength() == queued) LockSupport.parkNanos(50_000);
                if (caller.isIn == null) waiting.add(caller);
                else end(caller, ended);
                return caller.number;
            }
            case 'l' -> {
                bulkhead.onComplete();
                active--;
                if (!waiting.isEmpty()) end(waiting.remove(0), ended);
                return -1;
            }
            case 'g' -> {
                Caller caller = waiting.remove(random.nextInt(waiting.size()));
                caller.interrupt();
                caller.join();
                return caller.number;
            }
            default -> {
                tick(ended);
                return -1;
            }
        }
    }

    private void tick(List<String> ended) throws Exception {
        tickAt += TICK_MS * 1_000_000L;
        while (System.nanoTime() < tickAt) LockSupport.parkNanos(tickAt - System.nanoTime());
        for (Caller caller : new ArrayDeque<>(waiting)) {
            if (caller.isIn == null) continue;
            waiting.remove(caller);
            end(caller, ended);
        }
    }

    private void end(Caller caller, List<String> ended) throws Exception {
        caller.join();
        if (caller.isIn) active++;
        ended.add((caller.isIn ? "+" : "-") + caller.number);
    }
}
