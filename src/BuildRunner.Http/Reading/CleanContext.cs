namespace BuildRunner.Http.Reading;

/// <summary>Runs shared work without the trace and the ambient values of the caller that happened to start it.</summary>
internal static class CleanContext
{
    private static readonly ExecutionContext Clean = Capture();

    public static void Run(Action action) => ExecutionContext.Run(Clean, static state => ((Action)state!)(), action);

    private static ExecutionContext Capture()
    {
        // A thread started this way has an empty context.
        ExecutionContext? clean = null;
        Thread thread = new(() => clean = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return clean!;
    }
}
