package io.lanecell.loader;

import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine for the closed list of pickle opcodes (protocols 2 to 5) that {@code torch.save} writes for tensors, dicts, lists,
 * tuples, strings and numbers. It has no way to run code: a call is one of the few in {@link TorchCalls}. It never recurses,
 * and charges what it builds to its source's budget. Opcodes are named as in Python's pickletools.
 */
final class PickleReader {
    private static final int BYTES_PER_VALUE = 64;
    private static final int BYTES_PER_ENTRY = 96;

    private final Source source;
    private final PickleInput in;
    private final TorchCalls calls;
    private final Map<Long, PickleValue> memo = new HashMap<>();
    /** The stacks below the marks; an opcode that ends at a mark takes the whole current stack. */
    private final Deque<List<PickleValue>> below = new ArrayDeque<>();
    private List<PickleValue> stack = new ArrayList<>();
    /** Where the current opcode stands. */
    private long offset;

    private PickleReader(Source source, PickleInput in, TorchCalls calls) {
        this.source = source;
        this.in = in;
        this.calls = calls;
    }

    /** The object that the pickle holds; {@code in} is left behind its end. */
    static PickleValue read(Source source, PickleInput in, TorchCalls calls) {
        PickleReader reader = new PickleReader(source, in, calls);
        reader.readProtocol();
        return reader.run();
    }

    private void readProtocol() {
        if (in.u8() != 0x80) {
            throw source.malformed(in.name() + " doesn't begin with a protocol number, it is no pickle of torch.save");
        }
        int protocol = in.u8();
        if (protocol < 2 || protocol > 5) {
            throw source.unsupported(in.name() + " has pickle protocol " + protocol + ", 2 to 5 are read");
        }
    }

    private PickleValue run() {
        while (true) {
            offset = in.at();
            int opcode = in.u8();
            if (opcode == '.') { // STOP
                if (stack.size() != 1 || !below.isEmpty()) {
                    throw malformed("stops with " + stack.size() + " values on its stack, expected 1");
                }
                return stack.getFirst();
            }
            if (!scalar(opcode) && !container(opcode) && !memo(opcode)) {
                other(opcode);
            }
        }
    }

    private boolean scalar(int opcode) {
        switch (opcode) {
            case 'N' -> push(Scalar.NONE); // NONE
            case 0x88 -> push(new Scalar(true)); // NEWTRUE
            case 0x89 -> push(new Scalar(false)); // NEWFALSE
            case 'I' -> push(new Scalar(in.decimal())); // INT, as Python 2 wrote numbers of more than 4 bytes
            case 'J' -> push(new Scalar((long) in.i32())); // BININT
            case 'K' -> push(new Scalar((long) in.u8())); // BININT1
            case 'M' -> push(new Scalar((long) in.u16())); // BININT2
            case 0x8a -> push(new Scalar(in.integer(in.u8()))); // LONG1
            case 0x8b -> push(new Scalar(in.integer(in.u32()))); // LONG4
            case 'G' -> push(new Scalar(in.f64())); // BINFLOAT
            case 'X' -> push(new Scalar(in.text(in.u32()))); // BINUNICODE
            case 0x8c -> push(new Scalar(in.text(in.u8()))); // SHORT_BINUNICODE
            case 0x8d -> push(new Scalar(in.text(in.u64()))); // BINUNICODE8
            case 'U' -> push(new Scalar(in.text(in.u8()))); // SHORT_BINSTRING, a str of Python 2
            case 'T' -> push(new Scalar(in.text(in.u32()))); // BINSTRING
            case 'C' -> bytes(in.u8()); // SHORT_BINBYTES
            case 'B' -> bytes(in.u32()); // BINBYTES
            case 0x8e -> bytes(in.u64()); // BINBYTES8
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int opcode) {
        switch (opcode) {
            case '(' -> mark(); // MARK
            case ')' -> push(new Tuple(List.of())); // EMPTY_TUPLE
            case 0x85 -> tuple(1); // TUPLE1
            case 0x86 -> tuple(2); // TUPLE2
            case 0x87 -> tuple(3); // TUPLE3
            case 't' -> push(new Tuple(List.copyOf(popMark()))); // TUPLE
            case ']' -> push(new Items()); // EMPTY_LIST
            case 'l' -> push(new Items(popMark())); // LIST
            case 'a' -> append(List.of(pop())); // APPEND
            case 'e' -> append(popMark()); // APPENDS
            case '}' -> dict(); // EMPTY_DICT
            case 'd' -> { // DICT
                List<PickleValue> pairs = popMark();
                dict();
                setItems(pairs);
            }
            case 's' -> { // SETITEM
                PickleValue value = pop();
                setItems(List.of(pop(), value));
            }
            case 'u' -> setItems(popMark()); // SETITEMS
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memo(int opcode) {
        switch (opcode) {
            case 'q' -> put(in.u8()); // BINPUT
            case 'r' -> put(in.u32()); // LONG_BINPUT
            case 0x94 -> put(memo.size()); // MEMOIZE
            case 'h' -> get(in.u8()); // BINGET
            case 'j' -> get(in.u32()); // LONG_BINGET
            case '0' -> pop(); // POP
            case '1' -> popMark(); // POP_MARK
            case '2' -> push(top()); // DUP
            default -> {
                return false;
            }
        }
        return true;
    }

    private void other(int opcode) {
        switch (opcode) {
            case 0x95 -> in.need(in.u64()); // FRAME, which only says how much to read ahead
            case 'c' -> push(calls.global(in.line(), in.line(), offset)); // GLOBAL
            case 0x93 -> { // STACK_GLOBAL
                String name = calls.text(pop(), "a name", offset);
                push(calls.global(calls.text(pop(), "a module's name", offset), name, offset));
            }
            case 'Q' -> push(calls.persistent(pop(), offset)); // BINPERSID
            case 'R' -> { // REDUCE
                PickleValue arguments = pop();
                push(calls.call(pop(), arguments, offset));
            }
            case 0x81 -> { // NEWOBJ
                PickleValue arguments = pop();
                push(calls.create(pop(), arguments, offset));
            }
            case 'b' -> { // BUILD
                PickleValue state = pop();
                calls.setAttributes(top(), state, offset);
            }
            default -> throw source.refused(in.name() + " has opcode 0x" + Integer.toHexString(opcode) + " at byte " + offset
                    + ", which no state dict needs: save the tensors alone, torch.save(model.state_dict(), file)");
        }
    }

    private void bytes(long length) {
        in.skip(length);
        push(Scalar.NONE);
    }

    private void push(PickleValue value) {
        source.charge(BYTES_PER_VALUE, in.name());
        stack.add(value);
    }

    private PickleValue top() {
        if (stack.isEmpty()) {
            throw malformed("needs a value that is not on its stack");
        }
        return stack.getLast();
    }

    private PickleValue pop() {
        PickleValue value = top();
        stack.removeLast();
        return value;
    }

    private void mark() {
        source.charge(BYTES_PER_VALUE, in.name());
        below.push(stack);
        stack = new ArrayList<>(0);
    }

    /** The values since the last mark. */
    private List<PickleValue> popMark() {
        if (below.isEmpty()) {
            throw malformed("needs a mark that was not set");
        }
        List<PickleValue> values = stack;
        stack = below.pop();
        return values;
    }

    private void tuple(int size) {
        if (stack.size() < size) {
            throw malformed("needs " + size + " values for a tuple, its stack has " + stack.size());
        }
        List<PickleValue> items = stack.subList(stack.size() - size, stack.size());
        PickleValue tuple = new Tuple(List.copyOf(items));
        items.clear();
        push(tuple);
    }

    private void dict() {
        source.charge(BYTES_PER_ENTRY, in.name());
        push(new Dict(false));
    }

    private void append(List<PickleValue> values) {
        if (!(top() instanceof Items(var items))) {
            throw malformed("appends to " + top().describe() + " rather than a list");
        }
        items.addAll(values);
    }

    private void setItems(List<PickleValue> pairs) {
        if (!(top() instanceof Dict dict)) {
            throw malformed("sets items of " + top().describe() + " rather than a dict");
        }
        if (pairs.size() % 2 != 0) {
            throw malformed("has a key without a value");
        }
        source.charge((long) BYTES_PER_ENTRY * pairs.size() / 2, in.name());
        for (int i = 0; i < pairs.size(); i += 2) {
            if (!(pairs.get(i) instanceof Scalar(var key))) {
                throw malformed("uses " + pairs.get(i).describe() + " as a dict's key, strings and numbers are read");
            }
            dict.entries().put(key, pairs.get(i + 1));
        }
    }

    private void put(long index) {
        source.charge(BYTES_PER_ENTRY, in.name());
        memo.put(index, top());
    }

    private void get(long index) {
        PickleValue value = memo.get(index);
        if (value == null) {
            throw malformed("refers to value " + index + ", which was not stored");
        }
        push(value);
    }

    private WeightFileException malformed(String message) {
        return source.malformed(in.name() + " " + message + " (byte " + offset + ")");
    }
}
