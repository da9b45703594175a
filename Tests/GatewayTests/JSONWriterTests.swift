import Gateway
import Testing
