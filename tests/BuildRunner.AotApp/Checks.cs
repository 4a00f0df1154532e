namespace BuildRunner.AotApp;

/// <summary>Counts the checks that hold and stops at the first that does not.</summary>
internal sealed class Checks
{
    public int Passed { get; private set; }

    public void Equal<T>(string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new CheckFailedException($"{what}: expected '{expected}', got '{actual}'.");
        }

        Passed++;
    }

    public void Same(string what, object? expected, object? actual) => Equal(what, true, ReferenceEquals(expected, actual));

    public void Throws<TException>(string what, Action act)
        where TException : Exception
    {
        try
        {
            act();
        }
        catch (TException)
        {
            Passed++;
            return;
        }

        throw new CheckFailedException($"{what}: expected {typeof(TException).Name}, got no exception.");
    }
}
