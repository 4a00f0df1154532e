namespace BuildRunner.Fakes;

/// <summary>A service that a test plays.</summary>
internal interface IFakeService
{
    FakeReply Handle(FakeRequest request);

    /// <summary>Tells it the address that it is served at.</summary>
    void ServeAt(Uri address)
    {
    }
}
