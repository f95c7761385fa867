# replay.gdb - what gdb is told for `heddle replay --gdb`: run to the fault, show every task's stack.
#
#   heddle-tasks      the stacks of all tasks
#   heddle-task N     the stack of task N (0 is the main task)
#
# The task that runs is gdb's own: `backtrace`, `frame`, `print` work on it. The others have their
# registers on their own stacks (harness/task/switch.c); their stacks are read along the frame pointers,
# without touching the registers of the process.
set pagination off
set confirm off
set breakpoint pending on
set print thread-events off
# The first touch of closed stack memory is a signal that the engine answers; a crash of the code under
# test reaches hd_fault_stop.
handle SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT nostop noprint pass

python
import gdb

FRAMES_MAX = 24

def word_at(address):
    pointer = gdb.lookup_type("unsigned long").pointer()
    return int(gdb.Value(address).cast(pointer).dereference())

def saved_frame(stack_pointer):
    """Frame pointer and return address of a task that does not run: as hd_switch_saved."""
    arm64 = gdb.selected_frame().architecture().name().startswith("aarch64")
    place = stack_pointer + 8 * (18 if arm64 else 5)
    return word_at(place), word_at(place + 8)

def functions_at(pc):
    """The function that holds pc, after those inlined into it there."""
    names = []
    block = gdb.current_progspace().block_for_pc(pc)
    while block is not None and not block.is_static and not block.is_global:
        if block.function is not None:
            names.append(str(block.function))
        block = block.superblock
    return names or ["?"]

def show_frame(depth, pc):
    found = gdb.find_pc_line(pc)
    place = "%s:%d" % (found.symtab.filename, found.line) if found.symtab else hex(pc)
    print("#%-2d %s  %s" % (depth, " < ".join(functions_at(pc)), place))

def show_stopped(task):
    frame, pc = saved_frame(int(task["stack_pointer"]))
    for depth in range(FRAMES_MAX):
        try:
            show_frame(depth, pc - 1)
            if frame == 0:
                break
            up, pc = word_at(frame), word_at(frame + 8)
        except gdb.MemoryError:
            break
        if pc == 0 or (up != 0 and up <= frame):
            break
        frame = up

def show_task(number):
    scheduler = gdb.parse_and_eval("hd_scheduler")
    task = scheduler["task"][number]
    if number == int(scheduler["current"]):
        print("\ntask %d, running" % number)
        gdb.execute("backtrace %d" % FRAMES_MAX)
    elif bool(task["ended"]):
        print("\ntask %d, ended" % number)
    else:
        print("\ntask %d, stopped at point %d" % (number, int(task["point"])))
        show_stopped(task)

class TaskCommand(gdb.Command):
    """heddle-task N: the stack of task N (0 is the main task)."""
    def __init__(self):
        super().__init__("heddle-task", gdb.COMMAND_STACK)
    def invoke(self, argument, from_tty):
        show_task(int(gdb.parse_and_eval(argument)))

class TasksCommand(gdb.Command):
    """heddle-tasks: the stack of every task."""
    def __init__(self):
        super().__init__("heddle-tasks", gdb.COMMAND_STACK)
    def invoke(self, argument, from_tty):
        for number in range(int(gdb.parse_and_eval("hd_scheduler.tasks"))):
            show_task(number)

TaskCommand()
TasksCommand()
end

break hd_fault_stop
commands
  silent
  heddle-tasks
end
run
