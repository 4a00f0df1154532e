namespace BuildRunner.AspNetCore.Webhooks;

/// <summary>Limits the memory of bodies that have not been found authentic yet.</summary>
internal sealed class BodyBudget
{
    private long _taken;

    public bool TryTake(int bytes, long limit)
    {
        if (Interlocked.Add(ref _taken, bytes) <= limit)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
