# replay.gdb - what gdb is told for `heddle replay --gdb`: run to the fault, show every task's stack.
#
#   heddle-tasks      the stacks of all tasks
#   heddle-task N     the stack of task N
#
# A task that does not run has its registers on its own stack; to show it, they are put into the
# machine's registers for a moment. Continuing afterwards is safe: they are put back.
set pagination off
set confirm off
set breakpoint pending on
set print thread-events off
set print frame-arguments scalars
set backtrace limit 24

define heddle-task
  if $arg0 == hd_scheduler.current
    printf "\ntask %d, running\n", $arg0
    backtrace
  else
    if hd_scheduler.task[$arg0].ended
      printf "\ntask %d, ended\n", $arg0
    else
      printf "\ntask %d, stopped at point %lu\n", $arg0, hd_scheduler.task[$arg0].point
      set $hd_frame = hd_switch_saved(hd_scheduler.task[$arg0].stack_pointer)
      set $hd_sp = $sp
      set $hd_fp = $fp
      set $hd_pc = $pc
      set $sp = (unsigned long) hd_scheduler.task[$arg0].stack_pointer
      set $fp = $hd_frame.frame
      set $pc = $hd_frame.pc
      backtrace
      set $pc = $hd_pc
      set $fp = $hd_fp
      set $sp = $hd_sp
    end
  end
end
document heddle-task
heddle-task N: the stack of task N (0 is the main task).
end

define heddle-tasks
  set $hd_task = 0
  while $hd_task < hd_scheduler.tasks
    heddle-task $hd_task
    set $hd_task = $hd_task + 1
  end
end
document heddle-tasks
The stack of every task.
end

break hd_fault_stop
commands
  silent
  heddle-tasks
end
run
