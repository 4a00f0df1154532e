namespace BuildRunner.Http.Reading;

/// <summary>Runs what is done for many without the trace and the ambient values of whoever happened to begin it.</summary>
internal static class CleanContext
{
    private static readonly ExecutionContext Clean = Capture();

    public static void Run(Action action) => ExecutionContext.Run(Clean, static state => ((Action)state!)(), action);

    private static ExecutionContext Capture()
    {
        // A thread that is started so begins with nothing.
        ExecutionContext? clean = null;
        Thread thread = new(() => clean = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return clean!;
    }
}
