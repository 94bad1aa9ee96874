package oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One sequence as a line of JSON: rules, and a column for each thing that is noted at every step. */
final class Record {
    private final Map<String, Object> rules = new LinkedHashMap<>();
    private final Map<String, List<Object>> columns = new LinkedHashMap<>();

    Record rule(String name, Object value) {
        rules.put(name, value);
        return this;
    }

    Record note(String column, Object value) {
        columns.computeIfAbsent(column, name -> new ArrayList<>()).add(value);
        return this;
    }

    String line() {
        String steps = columns.entrySet().stream().map(Record::column).collect(Collectors.joining(","));
        return "{\"rules\":" + object(rules) + "," + steps + "}";
    }

    /** Characters become one string, numbers an array. */
    private static String column(Map.Entry<String, List<Object>> entry) {
        List<Object> values = entry.getValue();
        String name = "\"" + entry.getKey() + "\":";
        if (values.get(0) instanceof Character)
            return name + "\"" + values.stream().map(String::valueOf).collect(Collectors.joining()) + "\"";
        return name + "[" + values.stream().map(Record::value).collect(Collectors.joining(",")) + "]";
    }

    private static String object(Map<String, Object> members) {
        return members.entrySet().stream()
            .map(member -> "\"" + member.getKey() + "\":" + value(member.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    }

    private static String value(Object value) {
        if (value instanceof String text) return "\"" + text + "\"";
        if (value instanceof Float number && number == Math.rint(number)) return String.valueOf(number.longValue());
        return String.valueOf(value);
    }
}
