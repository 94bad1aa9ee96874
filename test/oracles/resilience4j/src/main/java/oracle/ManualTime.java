package oracle;

import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Time that goes on when a sequence says so, and runs what is due on the way, in order. */
public final class ManualTime extends Clock {
    private static ManualTime current;

    private record Task(long dueAt, long number, Runnable run) {}

    private final PriorityQueue<Task> tasks =
        new PriorityQueue<>(Comparator.comparingLong(Task::dueAt).thenComparingLong(Task::number));
    private long now = 1_000_000;
    private long number = 0;

    /** Makes a new time that breakers made from now on live in. */
    public static ManualTime begin() {
        current = new ManualTime();
        return current;
    }

    public static ManualTime current() {
        return current;
    }

    public void advance(long ms) {
        long end = now + ms;
        while (!tasks.isEmpty() && tasks.peek().dueAt() <= end) {
            Task task = tasks.poll();
            now = task.dueAt();
            task.run().run();
        }
        now = end;
    }

    @Override
    public long millis() {
        return now;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(now);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    /** Knows schedule(Runnable, long, TimeUnit) alone, which is all that a breaker calls. */
    public ScheduledExecutorService scheduler() {
        return proxy(ScheduledExecutorService.class, (name, arguments) -> {
            if (!name.equals("schedule")) throw new UnsupportedOperationException(name);
            long delayMs = ((TimeUnit) arguments[2]).toMillis((Long) arguments[1]);
            Task task = new Task(now + delayMs, number++, (Runnable) arguments[0]);
            tasks.add(task);
            return scheduled(task);
        });
    }

    private ScheduledFuture<?> scheduled(Task task) {
        return proxy(ScheduledFuture.class, (name, arguments) -> switch (name) {
            case "cancel" -> tasks.remove(task);
            case "isDone" -> !tasks.contains(task);
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private interface Call {
        Object answer(String name, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Call call) {
        Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
            (self, method, arguments) -> call.answer(method.getName(), arguments));
        return type.cast(proxy);
    }
}
